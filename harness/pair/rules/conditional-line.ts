import { rule } from '../rule.ts';

export default rule({
  severity: 'advice',
  title: 'Lines depend on a name that is not known, or are repeated.',

  check: ({ nodes }) =>
    nodes.flatMap(({ unknown }) =>
      unknown.slice(0, 1).map(({ file, line }) => ({
        ...{ file, line },
        message: `${unknown.length === 1 ? 'A line was left out' : `${unknown.length} lines were left out`}: it depends on the machine's name or keepalived's -i (@ before a line), or it is repeated (~SEQ, ~LST). The rules may miss what it says.`,
        advice:
          'Copy etc/hostname, or etc/default/keepalived where it has -i, into the folder of the node; write repeated lines out.',
      })),
    ),
});
