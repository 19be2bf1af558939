import { rule } from '../rule.ts';

export default rule({
  severity: 'advice',
  title: 'Lines depend on how keepalived is started.',

  check: ({ nodes }) =>
    nodes.flatMap(({ unknown }) =>
      unknown.slice(0, 1).map(({ file, line }) => ({
        ...{ file, line },
        message: `${unknown.length === 1 ? 'A line depends' : `${unknown.length} lines depend`} on how keepalived is started (@ before a line, ~SEQ or ~LST): they were read as without -i, and the rules may miss what they say.`,
        advice: 'Check a copy in which these lines are written out.',
      })),
    ),
});
