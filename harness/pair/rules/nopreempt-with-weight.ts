import { nodeOf, sharedRouters, shown } from '../configuration/pair.ts';
import { healthyPriority, weightsOf } from '../configuration/priorities.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'nopreempt keeps the backup from taking over when a weighted check fails.',

  check: (pair) =>
    sharedRouters(pair).flatMap((router) =>
      router.flatMap((instance) => {
        const [weight] = weightsOf(nodeOf(pair, instance), instance);
        const own = healthyPriority(nodeOf(pair, instance), instance);
        return router
          .filter((other) => healthyPriority(nodeOf(pair, other), other) < own)
          .flatMap((other) => {
            // An instance that begins as master ignores it.
            if (!weight || !other.nopreempt || other.state.value === 'MASTER') return [];
            const { file, line } = other.nopreempt;
            return [
              {
                ...{ file, line },
                message: `${shown(other)} has nopreempt: when ${weight.name} fails on ${instance.node}, its priority falls, and ${other.node} still leaves the VIP there.`,
                advice: `Remove the weight of ${weight.name}, so that a failed check puts the instance into the fault state; or remove nopreempt.`,
              },
            ];
          });
      }),
    ),
});
