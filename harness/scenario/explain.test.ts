import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { catalogue } from './catalogue.ts';
import { explanation } from './explain.ts';

const GOLDEN = join(import.meta.dirname, 'explanations.golden.txt');

test('every scenario is explained as it was read through', async (t) => {
  const { scenarios, broken } = await catalogue();
  t.deepEqual(broken, []);
  const texts = await Promise.all(scenarios.map((scenario) => explanation(scenario, [])));
  const text = texts.join(`\n${'-'.repeat(80)}\n`);
  if (process.env.AMPHORA_TESTBED_GOLDEN === 'write') await writeFile(GOLDEN, text);
  t.is(text, await readFile(GOLDEN, 'utf8'), 'read it, and run this test with AMPHORA_TESTBED_GOLDEN=write');
  for (const step of text.matchAll(/^ +\d+\. (.*)$/gm)) {
    t.regex(step[1] ?? '', /^(Check: |keepalived|systemd|[A-Z0-9]).*[^.]\.$/);
    t.notRegex(step[1] ?? '', /undefined|NaN|\[object|\bN\b| {2}/);
  }
});
