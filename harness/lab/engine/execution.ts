import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { eachLine } from '../../streams/lines.ts';
import type { Engine } from './engine.ts';

/** A program in a container failed; the message has the command and what it said. */
export class ExecutionFailed extends Error {
  override readonly name = 'ExecutionFailed';
}

/**
 * Runs a program in a running container, of whichever lab; its standard output.
 *
 * @param container its name or id
 * @param stdin what the program reads
 * @param onLine called with each line of its standard output, as it comes
 * @throws ExecutionFailed when it ends with another code than 0
 */
export async function execute(
  { docker }: Engine,
  container: string,
  argv: readonly string[],
  { stdin, onLine }: { readonly stdin?: Buffer | string; readonly onLine?: (line: string) => void } = {},
): Promise<string> {
  const execution = await docker.getContainer(container).exec({
    Cmd: [...argv],
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await execution.start({ hijack: true, stdin: stdin !== undefined });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, stdout, stderr);
  stream.on('close', () => {
    stdout.end();
    stderr.end();
  });
  stream.on('end', () => stream.destroy());
  let [out, err] = ['', ''];
  stdout.setEncoding('utf8').on('data', (piece: string) => (out += piece));
  stderr.setEncoding('utf8').on('data', (piece: string) => (err += piece));
  const lines = onLine && eachLine(stdout, onLine);
  const ended = Promise.all([once(stdout, 'end'), once(stderr, 'end'), lines]);
  if (stdin !== undefined) stream.end(stdin);
  await ended;
  const { ExitCode } = await execution.inspect();
  if (ExitCode !== 0) {
    throw new ExecutionFailed(
      `In ${container}, "${argv.slice(0, 3).join(' ')}" ended with ${ExitCode}: ${(err || out).trim().slice(-500)}`,
    );
  }
  return out;
}
