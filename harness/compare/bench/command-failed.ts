import type { ExecaError } from 'execa';

/** A command of one side could not be run; the message is what it said, the exit code is its own. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number | undefined;

  constructor(command: string, cause: ExecaError) {
    const said = String(cause.stderr).trim().split('\n').at(-1) ?? '';
    super(said || `${command} ended with exit code ${cause.exitCode} and said nothing`, { cause });
    this.exitCode = cause.exitCode;
  }
}
