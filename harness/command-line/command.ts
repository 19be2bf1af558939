import { Command, Help, type Option } from 'commander';

/** Longer lines of help are hard to read, on a wide terminal too. */
const HELP_COLUMNS = 80;

/** What the action of a command gets: the interruption, and where its exit code goes. */
export interface Running {
  readonly signal: AbortSignal;
  readonly finish: (exitCode: number) => void;
}

/** The groups of `--help`, in their order. */
export const GROUPS = [
  'Set up',
  'Measure',
  'Compare',
  'Look inside',
  'For developers of the testbed',
] as const;
export type Group = (typeof GROUPS)[number];

/** What a file in `commands/` exports; it is named as its command is. */
export interface CommandFile {
  /** Where `--help` lists it. */
  readonly group: Group;
  /** Adds the command to the command line: flags, help, examples and action. */
  register(cli: TestbedCommand, running: Running): void;
}

/** A command that has examples, whose help says each default in a sentence. */
export class TestbedCommand extends Command {
  readonly examples: string[] = [];

  constructor(name?: string) {
    super(name);
    this.helpCommand(false)
      .helpOption('-h, --help', 'Prints this help.')
      .configureOutput({ getOutHelpWidth: () => HELP_COLUMNS, getErrHelpWidth: () => HELP_COLUMNS })
      .configureHelp({ optionDescription: optionText, subcommandTerm: (command) => command.name() })
      .addHelpText('after', () => this.exampleText());
  }

  override createCommand(name?: string): TestbedCommand {
    return new TestbedCommand(name);
  }

  /** Adds a command line that help shows, as it is typed. */
  example(line: string): this {
    this.examples.push(line);
    return this;
  }

  private exampleText(): string {
    if (this.examples.length === 0) return '';
    const title = this.examples.length === 1 ? 'Example:' : 'Examples:';
    return ['', title, ...this.examples.map((line) => `  ${line}`)].join('\n');
  }
}

/** What an option does, what it allows, and what holds without it. */
export function optionText(option: Option): string {
  const { description, argChoices, defaultValue, defaultValueDescription } = option;
  const unset = defaultValueDescription ?? (defaultValue === undefined ? undefined : String(defaultValue));
  return [
    description,
    ...(argChoices ? [`Allowed: ${argChoices.join(', ')}.`] : []),
    ...(unset === undefined ? [] : [`Default: ${unset}.`]),
  ].join(' ');
}

/** All visible commands with the words that call them; the program itself has none. */
export function commandsOf(
  cli: TestbedCommand,
): readonly { readonly path: string; readonly command: TestbedCommand }[] {
  const help = new Help();
  const below = (command: Command, path: string): { path: string; command: TestbedCommand }[] => [
    { path, command: command as TestbedCommand },
    ...help.visibleCommands(command).flatMap((sub) => below(sub, `${path} ${sub.name()}`.trim())),
  ];
  return below(cli, '');
}
