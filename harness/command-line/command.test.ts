import test from 'ava';
import { commandsOf, optionText, type TestbedCommand } from './command.ts';
import { program } from './program.ts';

const COLUMNS = 80;
const SENTENCES = /^[A-Z-][^\n]*\.$/;
/** What these do instead of the command's work, or what bench cannot do without: they have no default. */
const WITHOUT_DEFAULT = ['--explain', '--add', '--import', '--export', '--resume', '--a', '--b', '--matrix'];
const everything = () => program({ finish() {}, signal: AbortSignal.abort() });

function exampleWords(line: string): readonly string[] {
  const [, words = ''] = /^(?:npm (?:run )?(?:-s )?|npx amphora-testbed )([^>]+)/.exec(line) ?? [];
  return words
    .trim()
    .split(/\s+/)
    .filter((word, n) => word !== '--' || n !== 1);
}

/** The same command line, whose commands do nothing. */
async function without(actions: (path: string) => void): Promise<TestbedCommand> {
  const cli = await everything();
  for (const { path, command } of commandsOf(cli)) command.action(() => actions(path));
  return cli;
}

test('every command has help in sentences that fit 80 columns, and says each default', async (t) => {
  const commands = commandsOf(await everything());
  t.true(commands.length > 30, `${commands.length} commands`);
  for (const { path, command } of commands) {
    t.regex(command.description(), SENTENCES, path);
    for (const argument of command.registeredArguments) {
      t.regex(argument.description, /^\S[^\n]*\.$/, `${path} ${argument.name()}`);
      if (!argument.required && argument.name() !== 'command')
        t.true(/Default: |--list/.test(argument.description), `${path} ${argument.name()}`);
    }
    for (const option of command.options.filter(({ hidden }) => !hidden)) {
      const text = optionText(option);
      t.regex(text, SENTENCES, `${path} ${option.flags}`);
      const takesValue = option.required || option.optional;
      if (takesValue && !option.mandatory && !WITHOUT_DEFAULT.includes(option.long ?? ''))
        t.regex(text, / Default: [^\n]+\.$/, `${path} ${option.flags}`);
    }
    let help = '';
    command
      .configureOutput({
        writeOut: (written) => {
          help += written;
        },
      })
      .outputHelp();
    for (const line of help.split('\n')) t.true(line.length <= COLUMNS, `${path}: ${line}`);
    t.regex(help, /\n\nExamples?:\n/, path);
  }
});

test('every example is a command line that parses, of the command that shows it', async (t) => {
  let called: string | undefined;
  const commands = commandsOf(await everything());
  for (const { path, command } of commands) {
    t.true(command.examples.length > 0, path);
    for (const line of command.examples) {
      const cli = await without((name) => {
        called = name;
      });
      await cli.parseAsync([...exampleWords(line)], { from: 'user' });
      t.true(called?.startsWith(path), `${path}: ${line}`);
    }
  }
});

test('one thing has one flag: what takes the same value is called the same, with the same placeholder', async (t) => {
  const flags = new Map<string, Set<string>>();
  for (const { command } of commandsOf(await everything())) {
    for (const { long, flags: written } of command.options) {
      if (long) flags.set(long, (flags.get(long) ?? new Set()).add(written));
    }
  }
  const several = [...flags].filter(([, written]) => written.size > 1).map(([long]) => long);
  // `--scenario` of torture takes several. `--keepalived` is a version for a prediction, and files for a pair.
  t.deepEqual(several.sort(), ['--keepalived', '--scenario']);
});

test('what builds labs takes the same: a parameter and a system', async (t) => {
  const commands = commandsOf(await everything());
  for (const path of ['scenario', 'nightly', 'lab up']) {
    const options = commands.find((each) => each.path === path)?.command.options.map(({ long }) => long);
    t.true(options?.includes('--set') && options.includes('--with'), path);
  }
});
