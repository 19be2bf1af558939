import { spawn } from 'node:child_process';

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
export function command(
  program: string,
  args: readonly string[],
  input?: string | Uint8Array,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const failed = (output: string) => reject(new CommandFailed([program, ...args].join(' '), output));
  const child = spawn(program, args, { timeout: LIMIT_MS });
  const pieces: Buffer[] = [];
  const said = () => Buffer.concat(pieces).toString().replace(/\n$/, '');
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
  child.on('error', ({ message }) => failed(message));
  child.on('close', (code, signal) => {
    if (code === 0) resolve(said());
    else failed(said() || `it ended with ${code ?? signal}`);
  });
  // Who ends early reads no more.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return promise;
}
