import { losesWeights, writtenWeights } from '../configuration/priorities.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A weighted check of an instance in a sync group is not run.',

  check: ({ nodes }) =>
    nodes.flatMap((node) =>
      node.vrrp.instances
        .filter((instance) => losesWeights(node, instance))
        .flatMap((instance) =>
          writtenWeights(node, instance)
            .filter(({ byGroup, kind }) => !byGroup && kind === 'script')
            .map(({ name, value, file, line }) => ({
              ...{ file, line },
              message: `${name} has weight ${value}, and ${instance.name} is in a sync group: keepalived leaves the check out, and the VIP stays when it would fail.`,
              advice: 'Move track_script into the vrrp_sync_group, or remove the weight.',
            })),
        ),
    ),
});
