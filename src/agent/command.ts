import { execa } from 'execa';

/** A program of the amphora failed; `output` is all that it printed. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly output: string;

  constructor(command: string, output: string) {
    super(`${command}: ${output}`);
    this.output = output;
  }
}

/** A reload or a start may take as long as systemd allows it. */
const LIMIT_MS = 100_000;

/**
 * Runs a program of the amphora.
 *
 * @returns its standard output and error, interleaved as they came
 * @throws CommandFailed
 */
export async function command(
  program: string,
  args: readonly string[],
  input?: string | Uint8Array,
): Promise<string> {
  const result = await execa(program, args, {
    all: true,
    reject: false,
    timeout: LIMIT_MS,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
  });
  if (result.failed)
    throw new CommandFailed([program, ...args].join(' '), result.all || result.shortMessage || '');
  return result.all;
}
