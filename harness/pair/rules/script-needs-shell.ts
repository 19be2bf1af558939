import { commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A command uses the shell, and keepalived starts it without one.',

  check: ({ nodes }) =>
    nodes.flatMap(commandsOf).flatMap(({ file, line, name, words }) => {
      // `sh -c` has its text in one word.
      const sign = words.find((word) => /^([|&;<>]+|\d?>+(&\d|\S*)|\$\(.*|`.*)$|;$/.test(word));
      // A command that begins with < asks whether a file can be opened.
      if (sign === undefined || words[0]?.startsWith('<')) return [];
      return [
        {
          ...{ file, line },
          message: `${name}: keepalived starts "${words[0] ?? ''}" without a shell, and passes "${sign}" to it as an argument.`,
          advice:
            'Put the line into a script with an interpreter line, or write sh -c before it, with the line in single quotes.',
        },
      ];
    }),
});
