/** What was typed is carried out; its exit code is the verdict. */
import { setImmediate } from 'node:timers/promises';
import { endWithParent } from '../lab/engine/parent-watch.ts';
import { EXIT, explain } from './errors.ts';
import { program } from './program.ts';

/** Under npm, killing npm must end the work as well. */
if (process.env.npm_lifecycle_event) endWithParent();

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The second signal ends the process at once; the fabrics destroy their labs.
    if (interruption.signal.aborted) process.exit(EXIT.interrupted);
    interruption.abort(new DOMException('interrupted', 'AbortError'));
  });
}

let exitCode: number = EXIT.ok;
let unwritten: Error | undefined;
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    // A reader may stop early (`| head`); the work goes on.
    if (error.code !== 'EPIPE') unwritten ??= error;
  });
}
try {
  const finish = (code: number) => {
    exitCode = code;
  };
  const cli = await program({ signal: interruption.signal, finish }, process.argv[2]);
  await cli.parseAsync();
} catch (error) {
  const { code, sentence } = explain(error);
  if (sentence) process.stderr.write(`${sentence}\n`);
  exitCode = code;
}
// The last write may still fail.
await setImmediate();
if (unwritten) {
  const { code, sentence } = explain(unwritten);
  process.stderr.write(`The output could not be written: ${sentence}\n`);
  exitCode ||= code;
}
// Streams and agents may still be closing; no work waits on them.
process.exit(exitCode);
