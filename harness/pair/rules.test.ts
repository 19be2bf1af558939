import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../project.ts';
import { allRules } from './rule.ts';

const PAGES = join(PROJECT_ROOT, 'docs/rules');

test('each rule has its page and its test, and there is no page without a rule', async (t) => {
  const names = Object.keys(await allRules()).sort();
  t.true(names.length >= 15, `${names.length} rules`);
  const pages = (await readdir(PAGES)).map((file) => file.replace(/\.md$/, '')).sort();
  t.deepEqual(pages, names);
  const files = await readdir(join(import.meta.dirname, 'rules'));
  const tested = files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.replace('.test.ts', ''));
  t.deepEqual(tested.sort(), names);
});

test('each page says what, why, and how to mend it', async (t) => {
  for (const name of Object.keys(await allRules())) {
    const page = await readFile(join(PAGES, `${name}.md`), 'utf8');
    t.regex(page, new RegExp(`^# ${name}\n\n\\S[\\s\\S]*\n## Why\n[\\s\\S]*\n## How to mend it\n`), name);
    t.true(page.includes(`ignore ${name}`), name);
  }
});

test('the table in docs/pairs.md lists every rule with its severity', async (t) => {
  const text = await readFile(join(PROJECT_ROOT, 'docs/pairs.md'), 'utf8');
  const rows = [...text.matchAll(/^\| \[([\w-]+)\]\(rules\/\1\.md\) +\| (\w+) +\| (.+?) +\|$/gm)];
  const rules = Object.entries(await allRules()).map(([name, { severity, title }]) => [
    name,
    severity,
    title,
  ]);
  t.deepEqual(rows.map(([, ...row]) => row).sort(), rules.sort());
});
