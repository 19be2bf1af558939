import type { ExecaError } from 'execa';

/** A command of one side could not be run; message and exit code are the command's. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number | undefined;

  constructor(command: string, cause: ExecaError) {
    const said = String(cause.stderr).trim().split('\n').at(-1) ?? '';
    super(said || `${command} ended with exit code ${cause.exitCode} and printed nothing`, { cause });
    this.exitCode = cause.exitCode;
  }
}
