import { each } from '../../syntax/statement.ts';
import { NAMED } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'Two blocks have the same name.',

  check: ({ nodes }) =>
    nodes.flatMap(({ statements }) =>
      NAMED.flatMap((keyword) => {
        const blocks = each(statements, keyword);
        return blocks.flatMap(({ words: [, name], file, line }, n) => {
          const first = blocks.slice(0, n).find((other) => other.words[1] === name);
          if (!first) return [];
          return [
            {
              ...{ file, line },
              message: `${keyword} ${name} is there already (${first.file}:${first.line}): keepalived takes the first, and what this one says does not count.`,
              advice: 'Give it a name of its own, or remove one of them.',
            },
          ];
        });
      }),
    ),
});
