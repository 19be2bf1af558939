import { each } from '../../syntax/statement.ts';
import { STATES } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'An initial state has a word that keepalived does not know.',

  check: ({ nodes }) =>
    nodes.flatMap(({ name: node, statements }) =>
      each(statements, 'vrrp_instance').flatMap(({ words: [, name = ''], block }) =>
        each(block, 'state')
          .filter(({ words: [, word] }) => !STATES.some((state) => state === word))
          .map(({ file, line, words: [, word = ''] }) => ({
            ...{ file, line },
            message: `${name} on ${node} has state ${word || 'without a word'}, which keepalived does not know: it logs an error and begins as BACKUP.`,
            advice: `Write state ${STATES.find((state) => state === word.toUpperCase()) ?? 'BACKUP'}, in capitals.`,
          })),
      ),
    ),
});
