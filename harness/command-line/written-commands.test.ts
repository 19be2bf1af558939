import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../images/project.ts';

const WRITTEN = ['*.md', 'docs/*.md', 'examples/*', 'reports/README.md', 'scenarios/*.md'];
/** Up to what ends a command in prose, Markdown, YAML and shell. */
const COMMAND = /npm run (?:-s )?([a-z:]+)(?: -- ([^`"\n&|>)]*))?/g;

/** The flags of each command, as docs/reference.md has them; a test holds it in step. */
async function flagsOf(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const reference = await readFile(join(PROJECT_ROOT, 'docs/reference.md'), 'utf8');
  return new Map(
    reference.split(/^### /m).map((section) => {
      const [path = ''] = section.split('\n', 1);
      return [path, new Set([...section.matchAll(/^- `(--[a-z-]+)/gm)].map(([, flag]) => flag ?? ''))];
    }),
  );
}

test('every command that is written down exists, with its flags', async (t) => {
  const flags = await flagsOf();
  const { scripts } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'));
  let seen = 0;
  for await (const file of glob(WRITTEN, { cwd: PROJECT_ROOT })) {
    if (file === 'docs/reference.md') continue;
    const text = await readFile(join(PROJECT_ROOT, file), 'utf8').catch(() => '');
    for (const [written, command = '', rest = ''] of text.matchAll(COMMAND)) {
      seen++;
      t.true(command in scripts, `${file}: ${written}`);
      const words = rest.split(' ');
      const known = flags.get(`${command} ${words[0]}`) ?? flags.get(command) ?? flags.get(`${command} ab`);
      for (const word of words.filter((each) => each.startsWith('--'))) {
        t.true(known?.has(word), `${file}: ${written}: ${word}`);
      }
    }
  }
  t.true(seen > 60, `${seen} commands seen`);
});
