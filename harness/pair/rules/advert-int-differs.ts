import { differing, shown } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'The nodes have different advertisement intervals under VRRP 2.',

  // Under version 3 a backup learns the master's interval from its advertisements (RFC 5798, section 6.1).
  check: (pair) =>
    differing(pair, ({ version, advertIntMs }) => (version.value === 3 ? 0 : advertIntMs.value)).map(
      ({ first, other }) => ({
        ...{ file: other.advertIntMs.file, line: other.advertIntMs.line },
        message: `${shown(other)} has advert_int ${other.advertIntMs.value / 1000}, and ${shown(first)} has ${first.advertIntMs.value / 1000}: under VRRP 2 each drops the other's advertisements, and both become master.`,
        advice: `Write advert_int ${first.advertIntMs.value / 1000} on all nodes.`,
      }),
    ),
});
