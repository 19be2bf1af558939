import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A sync group names an instance that does not exist.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp: { groups, instances } }) =>
      groups.flatMap((group) =>
        group.members
          .filter(({ value }) => instances.every(({ name }) => name !== value))
          .map(({ value, file, line }) => ({
            ...{ file, line },
            message: `The sync group ${group.name} names ${value}, and there is no such vrrp_instance: the rest moves without it.`,
            advice: `Name one of: ${instances.map(({ name }) => name).join(', ')}.`,
          })),
      ),
    ),
});
