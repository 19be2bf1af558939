import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type FinalResults, Parser, type Result } from 'tap-parser';
import { likeThisProcess } from '../../imports/hooks.ts';
import { COMPILE_CACHE, PROJECT_ROOT } from '../../project.ts';

const AVA = fileURLToPath(new URL('cli.js', import.meta.resolve('ava')));

/** AVA's results, and how it ended. */
export interface AvaOutcome {
  readonly results: FinalResults;
  readonly exitCode: number;
  /** The end of its standard error. */
  readonly complaint: string;
  /**
   * Whether every test was accounted for and passed. tap-parser calls an empty run good, and AVA leaves just
   * that when its global time-out ends it: so the exit code and the counts must be right as well.
   */
  readonly green: boolean;
}

/**
 * Runs AVA in a process of its own and reads its TAP as it comes.
 *
 * @param request.tapFile keeps the TAP
 * @throws AbortError when the signal fires; AVA is killed then
 * @throws when the TAP could not be kept
 */
export async function runAva(request: {
  readonly args: readonly string[];
  /** The project whose tests run; by default the testbed itself. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onAssert?: (assertion: Result) => void;
  readonly tapFile?: string;
  readonly showErrors: boolean;
  readonly signal: AbortSignal;
}): Promise<AvaOutcome> {
  const child = execa(
    process.execPath,
    [...likeThisProcess(request.folder === undefined ? undefined : 'tests'), AVA, '--tap', ...request.args],
    {
      cwd: request.folder ?? PROJECT_ROOT,
      env: { ...request.env, NODE_NO_WARNINGS: '1', NODE_COMPILE_CACHE: COMPILE_CACHE },
      stdin: 'ignore',
      buffer: { stdout: false, stderr: true },
      reject: false,
      cancelSignal: request.signal,
      killSignal: 'SIGKILL',
    },
  );
  if (request.showErrors) child.stderr.pipe(process.stderr, { end: false });
  const { promise, resolve } = Promise.withResolvers<FinalResults>();
  const parser = new Parser((results) => resolve(results));
  if (request.onAssert) parser.on('assert', request.onAssert);
  const file = request.tapFile ? createWriteStream(request.tapFile) : undefined;
  const kept = file && finished(file);
  kept?.catch(() => {});
  child.stdout.on('data', (chunk: Buffer) => {
    file?.write(chunk);
    parser.write(chunk.toString());
  });
  // After its end as well as after an error.
  child.stdout.on('close', () => {
    file?.end();
    parser.end();
  });
  const { exitCode = 1, signal: killedBy, stderr } = await child;
  request.signal.throwIfAborted();
  const results = await promise;
  await kept;
  const { ok, count, skip } = results;
  return {
    results,
    exitCode,
    complaint: stderr.trim().slice(-600) || (killedBy ? `it was killed by ${killedBy}` : ''),
    green: ok && exitCode === 0 && count > 0 && count > skip,
  };
}
