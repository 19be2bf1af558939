import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../project.ts';

const SCENARIO = join(PROJECT_ROOT, 'scenarios/short-cut.ts');

/** The blocks of a language in a Markdown text. */
function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code]) => code ?? '',
  );
}

test('the tutorial does what it says, word for word', async (t) => {
  t.timeout(600_000);
  const text = await readFile(join(PROJECT_ROOT, 'docs/tutorial.md'), 'utf8');
  const [file] = blocks(text, 'ts');
  const commands = blocks(text, 'sh').flatMap((block) => block.trim().split('\n'));
  t.is(commands.length, 7);
  const outputs: string[] = [];
  try {
    for (const command of commands) {
      // The reader saves it before asking for its explanation.
      if (command.includes('--explain short-cut')) await writeFile(SCENARIO, file ?? '');
      const { stdout, stderr, exitCode } = await execa('sh', ['-c', command], {
        cwd: PROJECT_ROOT,
        reject: false,
      });
      t.is(exitCode, 0, `${command}\n${stdout}\n${stderr}`);
      outputs.push(stdout);
    }
  } finally {
    await rm(SCENARIO, { force: true });
  }
  const [, list, nearest, explained, run, mutated] = outputs;
  t.regex(list ?? '', /port-cut/);
  t.regex(nearest ?? '', /^port-cut:/);
  t.regex(explained ?? '', /The switch port of the master goes down\..*master-down interval/s);
  t.regex(run ?? '', /passed short-cut/);
  t.regex(mutated ?? '', /\| short-cut \| caught \|/);
});
