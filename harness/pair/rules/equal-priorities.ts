import { sharedRouters, shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'Two nodes have the same priority.',

  check: (pair) =>
    sharedRouters(pair).flatMap((router) =>
      router.flatMap((instance, n) => {
        const twin = router.slice(0, n).find(({ priority }) => priority.value === instance.priority.value);
        if (!twin) return [];
        const { file, line, value } = instance.priority;
        return [
          {
            ...{ file, line },
            message: `${shown(twin)} and ${shown(instance)} both have priority ${value}: the higher IP address decides which of them is master.`,
            advice: 'Give each node a priority of its own, such as 101 and 100.',
          },
        ];
      }),
    ),
});
