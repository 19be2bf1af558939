import { availableParallelism } from 'node:os';
import { runAva } from '../../run/tap/ava.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';

export const group: Group = 'For developers of the testbed';

/** Tests that measure in a lab. */
const LAB_TESTS = '**/*.lab.test.ts';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('test')
    .description("Runs the testbed's own tests; the last lines name what failed, and have the counts.")
    .argument('[files...]', 'Files of tests. Default: all, those that measure in a lab last.')
    .example('npm test')
    .action(async (files) => finish(await test(files, signal)));
}

/** `test`: the product's own tests; the last line has the counts. */
export async function test(files: readonly string[], signal: AbortSignal): Promise<number> {
  // One file more than there are processors: a test often waits for a process that it started.
  const together = ['--concurrency', `${availableParallelism() + 1}`, '**/*.test.ts', `!${LAB_TESTS}`];
  let [passed, failed, skipped] = [0, 0, 0];
  const broken: string[] = [];
  for (const args of files.length > 0 ? [files] : [together, [LAB_TESTS]]) {
    const { results, exitCode, green } = await runAva({
      args,
      showErrors: true,
      signal,
      onAssert: ({ ok, skip, name, diag }) => {
        process.stdout.write(`${skip ? 'skipped' : ok ? 'passed' : 'FAILED'} ${name}\n`);
        if (!ok) broken.push(name);
        if (!ok && diag) process.stdout.write(`${JSON.stringify(diag, undefined, 2)}\n`);
      },
    });
    const { pass, fail, skip, count } = results;
    if (!green && fail === 0) process.stdout.write(`AVA ended with ${exitCode} after ${count} tests\n`);
    passed += pass - skip;
    failed += green ? 0 : Math.max(1, fail);
    skipped += skip;
  }
  // Their places among hundreds of lines are easily missed.
  for (const name of broken) process.stdout.write(`failed: ${name}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}
