import { join } from 'node:path';
import { execa } from 'execa';
import { type FinalResults, Parser, type Result } from 'tap-parser';
import { PROJECT_ROOT } from '../images/project.ts';
import { EXIT } from './errors.ts';

const AVA = join(PROJECT_ROOT, 'node_modules/ava/entrypoints/cli.mjs');

/** `test`: the product's own tests; the last line has the counts. */
export async function test(files: readonly string[], signal: AbortSignal): Promise<number> {
  const child = execa(process.execPath, [AVA, '--tap', ...files], {
    cwd: PROJECT_ROOT,
    stdin: 'ignore',
    stderr: 'inherit',
    buffer: false,
    reject: false,
    env: { NODE_NO_WARNINGS: '1' },
    cancelSignal: signal,
    killSignal: 'SIGKILL',
  });
  const { promise, resolve } = Promise.withResolvers<FinalResults>();
  const parser = new Parser((results) => resolve(results));
  parser.on('assert', ({ ok, skip, name, diag }: Result) => {
    process.stdout.write(`${skip ? 'skipped' : ok ? 'passed' : 'FAILED'} ${name}\n`);
    if (!ok && diag) process.stdout.write(`${JSON.stringify(diag, undefined, 2)}\n`);
  });
  child.stdout.on('data', (chunk: Buffer) => parser.write(chunk.toString()));
  child.stdout.on('end', () => parser.end());
  const { exitCode } = await child;
  signal.throwIfAborted();
  const { ok, pass, fail, skip, count } = await promise;
  const skipped = skip > 0 ? `, ${skip} skipped` : '';
  // An empty run counts as good in TAP; it is not.
  const good = ok && exitCode === 0 && count > 0 && count > skip;
  if (!good && fail === 0) process.stdout.write(`AVA ended with ${exitCode} after ${count} tests\n`);
  process.stdout.write(`${pass - skip} passed, ${good ? 0 : Math.max(1, fail)} failed${skipped}\n`);
  return good ? EXIT.ok : EXIT.failed;
}
