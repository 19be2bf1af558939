import { runAva } from '../../run/tap/ava.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';

export const group: Group = 'For developers of the testbed';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('test')
    .description("Runs the testbed's own tests; the last line has the counts.")
    .argument('[files...]', 'Files of tests. Default: all.')
    .example('npm test')
    .action(async (files) => finish(await test(files, signal)));
}

/** `test`: the product's own tests; the last line has the counts. */
export async function test(files: readonly string[], signal: AbortSignal): Promise<number> {
  const { results, exitCode, green } = await runAva({
    args: files,
    showErrors: true,
    signal,
    onAssert: ({ ok, skip, name, diag }) => {
      process.stdout.write(`${skip ? 'skipped' : ok ? 'passed' : 'FAILED'} ${name}\n`);
      if (!ok && diag) process.stdout.write(`${JSON.stringify(diag, undefined, 2)}\n`);
    },
  });
  const { pass, fail, skip, count } = results;
  if (!green && fail === 0) process.stdout.write(`AVA ended with ${exitCode} after ${count} tests\n`);
  process.stdout.write(`${pass - skip} passed, ${green ? 0 : Math.max(1, fail)} failed, ${skip} skipped\n`);
  return green ? EXIT.ok : EXIT.failed;
}
