import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../project.ts';

/** Word-for-word renderings of another language's idiom, and what to write instead. */
const CALQUES: readonly (readonly [RegExp, string])[] = [
  [/\bso (many|often) (?!that\b|as\b)/i, 'this many, how often, n times'],
  [/\bfor the hands\b/i, 'to work in by hand'],
  [/\bwhoever\b/i, 'name the one that does it'],
  [/\b(of ours|our own)\b/i, "the testbed's"],
  [/\b(is|are) told\b/i, 'learns, reports, is named'],
  [/\bsays of itself\b/i, 'reports'],
  [/\bwas not so\b/i, 'this did not happen: …'],
  [/\bdeals? faults?\b/i, 'injects faults'],
  [/\bas ever\b/i, 'unchanged'],
  [/(\/\*\*|^\s*\*|^\s*\/\/) Of\b/, 'begin with a verb or a noun'],
];
const WRITTEN = ['*.ts', '*.md', '*.sh', '.ci/*', 'examples/*', 'images/**'];
/** Texts of upstream, and this list. */
const SPARED = /^(src\/golden\/|harness\/command-line\/plain-english\.test\.ts$)/;

test('comments, messages and documents are plain English', async (t) => {
  const { stdout } = await execa('git', ['ls-files', ...WRITTEN], { cwd: PROJECT_ROOT });
  const files = stdout.split('\n').filter((file) => file !== '' && !SPARED.test(file));
  t.true(files.length > 500, `${files.length} files`);
  const found: string[] = [];
  for (const file of files) {
    const text = await readFile(join(PROJECT_ROOT, file), 'utf8').catch(() => '');
    for (const [n, line] of text.split('\n').entries()) {
      for (const [calque, instead] of CALQUES)
        if (calque.test(line)) found.push(`${file}:${n + 1}: ${line.trim()} (${instead})`);
    }
  }
  t.deepEqual(found, []);
});
