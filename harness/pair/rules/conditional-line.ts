import { rule } from '../rule.ts';

export default rule({
  severity: 'advice',
  title: 'Lines depend on a name that is not known, or are repeated.',

  check: ({ nodes }) =>
    nodes.flatMap(({ unknown }) =>
      unknown.slice(0, 1).map(({ file, line }) => ({
        ...{ file, line },
        message: `${unknown.length === 1 ? 'A line was' : `${unknown.length} lines were`} left out, as the machine's name or keepalived's -i decides (@ before a line), or as a line is repeated (~SEQ, ~LST): the rules may miss what is said there.`,
        advice:
          'Copy etc/hostname, or etc/default/keepalived where it has -i, into the folder of the node; write repeated lines out.',
      })),
    ),
});
