import { type Argument, Help, type Option } from 'commander';
import { closest } from 'fastest-levenshtein';
import { MUTATIONS } from '../../mutations/mutations.ts';
import { catalogue } from '../../scenario/catalogue.ts';
import { PARAMETER_NAMES } from '../../scenario/parameters.ts';
import { SYSTEM_KEYS } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import { commandsOf, type Group, type Running, type TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { KINDS } from './torture.ts';

const SHELLS = ['bash', 'zsh'];
/** zsh understands bash's completion after this (zshcompsys(1), bashcompinit). */
const ZSH = 'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n';
/** The shell completes paths itself. */
const PATHS = '$(compgen -f -- "$current")';

export const group: Group = 'Set up';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('completion')
    .description("Prints a shell's completion: source it from the shell's start-up file.")
    .argument('<shell>', `The shell: ${SHELLS.join(' or ')}.`)
    .example('npx amphora-testbed completion bash > ~/.amphora-testbed')
    .action(async (shell) => finish(await completion(cli, shell)));
}

/**
 * `completion`: a script for the shell, made from the commands themselves. It holds all words, so that the Tab key
 * starts no Node; after an update it is made again.
 *
 * @throws UsageError
 */
async function completion(cli: TestbedCommand, shell: string): Promise<number> {
  if (!SHELLS.includes(shell)) {
    throw new UsageError(
      `There is no completion for "${shell}"; the nearest is ${closest(shell, SHELLS)}, and there are ${SHELLS.join(', ')}.`,
    );
  }
  const words = await wordsByPlaceholder();
  const help = new Help();
  const commands = commandsOf(cli);
  const cases = commands.map(({ path, command }) => {
    const offered = [
      ...help.visibleCommands(command).map((sub) => sub.name()),
      ...help.visibleOptions(command).flatMap(({ long }) => long ?? []),
      ...command.registeredArguments.flatMap((argument) => offeredFor(argument, words)),
    ];
    return `    '${path}') words="${offered.join(' ')}" ;;`;
  });
  const values = commands.flatMap(({ path, command }) =>
    help
      .visibleOptions(command)
      .filter((option) => option.required)
      .flatMap((option) => {
        const offered = offeredFor(option, words);
        return [`    '${path} ${option.long}') words="${offered.join(' ')}" ;;`];
      }),
  );
  process.stdout.write(
    `${shell === 'zsh' ? ZSH : ''}${script(
      cli.name(),
      commands.map(({ path }) => path),
      cases,
      values,
    )}`,
  );
  return EXIT.ok;
}

/** The possible values by placeholder, the word in `<…>` or `[…]`. */
async function wordsByPlaceholder(): Promise<Readonly<Record<string, readonly string[]>>> {
  const scenarios = (await catalogue()).scenarios.map(({ name }) => name);
  const paths = [PATHS];
  return {
    scenario: scenarios,
    scenarios,
    mutation: MUTATIONS.map(({ name }) => name),
    kinds: Object.keys(KINDS),
    shell: SHELLS,
    node: ['amphora-1', 'amphora-2', 'client', 'router', 'switch', 'backend-1', 'backend-2'],
    'part=value': SYSTEM_KEYS.map((name) => `${name}=`),
    'key=value': PARAMETER_NAMES.map((name) => `${name}=`),
    variant: [...SYSTEM_KEYS, ...PARAMETER_NAMES].map((name) => `${name}=`),
    file: paths,
    files: paths,
    folder: paths,
    folders: paths,
    a: paths,
    b: paths,
  };
}

function offeredFor(
  taking: Argument | Option,
  words: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  if (taking.argChoices) return taking.argChoices;
  const placeholder = 'flags' in taking ? /[<[]([^\]>.]+)/.exec(taking.flags)?.[1] : taking.name();
  return words[placeholder ?? ''] ?? [];
}

function script(
  name: string,
  paths: readonly string[],
  cases: readonly string[],
  values: readonly string[],
): string {
  return `_amphora_testbed() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in ${paths
      .filter((path) => path !== '')
      .map((path) => `'${path}'`)
      .join(' | ')}) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$path $before" in
${values.join('\n')}
  esac
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -F _amphora_testbed ${name}
`;
}
