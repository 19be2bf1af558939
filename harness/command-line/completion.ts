import type { Command } from 'commander';
import { closest } from 'fastest-levenshtein';
import { catalogue } from '../scenario/catalogue.ts';
import { PARAMETER_NAMES, UsageError } from '../scenario/parameters.ts';
import { EXIT } from './errors.ts';

const SHELLS = ['bash', 'zsh'];
/** zsh understands bash's completion after this (zshcompsys(1), bashcompinit). */
const ZSH = 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n';

/**
 * `completion`: a script for the shell, made from the commands themselves. It holds all words, so that the Tab key
 * starts no Node; after an update it is made again.
 *
 * @throws UsageError
 */
export async function completion(cli: Command, shell: string): Promise<number> {
  if (!SHELLS.includes(shell)) {
    throw new UsageError(
      `There is no completion for "${shell}"; the nearest is ${closest(shell, SHELLS)}, and there are ${SHELLS.join(', ')}.`,
    );
  }
  const scenarios = (await catalogue()).scenarios.map(({ name }) => name);
  const cases = commandsOf(cli).map(({ path, command }) => {
    const words = [
      ...command.commands.filter((sub) => !isHidden(sub)).map((sub) => sub.name()),
      ...command.options.flatMap(({ long }) => long ?? []),
      ...(path === 'scenario' ? scenarios : []),
      '--help',
    ];
    return `    '${path}') words='${words.join(' ')}' ;;`;
  });
  process.stdout.write(`${shell === 'zsh' ? ZSH : ''}${script(cli.name(), cases)}`);
  return EXIT.ok;
}

function script(name: string, cases: readonly string[]): string {
  return `_amphora_testbed() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [ "$path" = lab ] && path="lab $word" || path="\${path:-$word}" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$before" in
    --set) words='${PARAMETER_NAMES.map((parameter) => `${parameter}=`).join(' ')}' ;;
    --reports | --out | --load-balancer) COMPREPLY=( $(compgen -f -- "$current") ); return ;;
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -F _amphora_testbed ${name}
`;
}

/** All commands with their words, the program itself with none. */
export function commandsOf(cli: Command): readonly { readonly path: string; readonly command: Command }[] {
  const below = (command: Command, path: string): { path: string; command: Command }[] => [
    { path, command },
    ...command.commands
      .filter((sub) => !isHidden(sub))
      .flatMap((sub) => below(sub, `${path} ${sub.name()}`.trim())),
  ];
  return below(cli, '');
}

/** commander has no public word for it. */
function isHidden(command: Command): boolean {
  return (command as Command & { readonly _hidden?: boolean })._hidden === true;
}
