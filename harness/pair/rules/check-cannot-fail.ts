import { basename } from 'node:path/posix';
import { type Command, commandsOf, shellTextOf } from '../configuration/scripts.ts';
import { neverFails } from '../configuration/shell.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A check script succeeds whatever it finds.',

  check: ({ nodes }) =>
    nodes.flatMap(commandsOf).flatMap((command) => {
      const why = reason(command);
      if (!command.isCheck || why === undefined) return [];
      const { file, line, name, path } = command;
      return [
        {
          ...{ file, line },
          message: `${name} cannot fail${path === undefined ? '' : ` (${path})`}: ${why}. Whatever happens to the service, the VIP stays.`,
          advice: 'End the check with the command whose result counts, or with exit 1 where it fails.',
        },
      ];
    }),
});

function reason(command: Command): string | undefined {
  const [program = ''] = command.words;
  if (/^(true|:|echo)$/.test(basename(program))) return `${basename(program)} always succeeds`;
  const text = shellTextOf(command);
  return text === undefined ? undefined : neverFails(text);
}
