import { sharedRouters, shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'The nodes bring different virtual addresses.',

  check: (pair) =>
    sharedRouters(pair).flatMap((router) =>
      router.flatMap((instance) =>
        instance.addresses.flatMap(({ address, file, line }) => {
          const without = router.find(({ addresses }) =>
            addresses.every((other) => other.address !== address),
          );
          if (!without) return [];
          return [
            {
              ...{ file, line },
              message: `${shown(instance)} brings ${address}, and ${shown(without)} does not: after a failover it is gone. keepalived 2.2 also drops advertisements with other addresses than its own.`,
              advice: 'Write the same addresses on all nodes.',
            },
          ];
        }),
      ),
    ),
});
