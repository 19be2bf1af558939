import { fileAt } from '../configuration/overlay.ts';
import { type Command, commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

/** Names that a user may have (useradd(8)), but not those of the states that notify scripts are given. */
const USER = /^(?!(?:master|backup|fault|stop)$)[a-z_][a-z0-9_-]*\$?$/;

export default rule({
  severity: 'error',
  title: 'Arguments of a command stand outside of quotes.',

  check: ({ nodes }) =>
    nodes
      .flatMap(commandsOf)
      .filter((command) => command.beyond.length > 0 && (command.isCheck || !isUser(command)))
      .map(({ file, line, name, isCheck, words, beyond }) => ({
        ...{ file, line },
        message: isCheck
          ? `${name}: keepalived starts "${words.join(' ')}" alone, as "${beyond.join(' ')}" stands outside of quotes.`
          : `${name}: keepalived takes "${beyond[0]}" for the user that the script runs as, finds no such user, and drops the script.`,
        advice: `Put quotes around the command and its arguments: ${isCheck ? 'script' : name} "${[...words, ...beyond].join(' ')}".`,
      })),
});

/** Behind the command of a notify script its user and its group may stand (keepalived.conf(5), SCRIPTS). */
function isUser({ node, beyond: [user = ''] }: Command): boolean {
  const known = fileAt(node.overlay, '/etc/passwd')?.text ?? '';
  return USER.test(user) || known.split('\n').some((line) => line.startsWith(`${user}:`));
}
