import { differing, shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'The nodes speak different versions of VRRP.',

  check: (pair) =>
    differing(pair, ({ version }) => version.value).map(({ first, other }) => ({
      ...{ file: other.version.file, line: other.version.line },
      message: `${shown(other)} speaks VRRP ${other.version.value}, and ${shown(first)} VRRP ${first.version.value}: each drops the other's advertisements, and both become master.`,
      advice: 'Write the same vrrp_version in global_defs of all nodes.',
    })),
});
