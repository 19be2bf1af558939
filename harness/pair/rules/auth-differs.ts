import { differing, shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'The nodes have different authentication.',

  check: (pair) =>
    differing(pair, ({ version, authType, authPass }) =>
      // Version 3 has no authentication; of a password, 8 characters are sent.
      version.value === 3 ? '' : `${authType.value} ${authPass?.value.slice(0, 8) ?? ''}`,
    ).map(({ first, other }) => {
      const sameType = first.authType.value === other.authType.value;
      const { file, line } = sameType ? (other.authPass ?? other) : other.authType;
      return {
        ...{ file, line },
        message: sameType
          ? `${shown(other)} has another auth_pass than ${shown(first)}: each drops the other's advertisements, and both become master.`
          : `${shown(other)} has auth_type ${other.authType.value}, and ${shown(first)} has ${first.authType.value}: each drops the other's advertisements, and both become master.`,
        advice: 'Write the same authentication on all nodes, or none.',
      };
    }),
});
