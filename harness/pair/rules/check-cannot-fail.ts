import { commandsOf, whyItCannotFail } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'A check script succeeds whatever it finds.',

  check: ({ nodes }) =>
    nodes.flatMap(commandsOf).flatMap((command) => {
      const why = whyItCannotFail(command);
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
