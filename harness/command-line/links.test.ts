import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../project.ts';

const DOCUMENTS = ['*.md', '{docs,examples,reports,scenarios,harness,src}/**/*.md'];
const LINK = /(?:\]\(|(?:src|srcset)=")([^)\s"]+)[)"]/g;
const CODE = /^```[\s\S]*?^```|`[^`\n]*`/gm;

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('every link of a document leads to a file, and to a heading where it names one', async (t) => {
  let seen = 0;
  for await (const document of glob(DOCUMENTS, { cwd: PROJECT_ROOT })) {
    const text = await readFile(join(PROJECT_ROOT, document), 'utf8');
    for (const [, target = ''] of text.replace(CODE, '').matchAll(LINK)) {
      if (/^[a-z]+:/.test(target)) continue;
      seen++;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(PROJECT_ROOT, document) : join(PROJECT_ROOT, dirname(document), path);
      t.true(existsSync(file), `${document}: ${target}`);
      if (anchor !== undefined && existsSync(file))
        t.true(anchorsOf(await readFile(file, 'utf8')).has(anchor), `${document}: ${target}`);
    }
  }
  t.true(seen > 20, `${seen} links`);
});

test('the README links every document in docs/', async (t) => {
  const readme = await readFile(join(PROJECT_ROOT, 'README.md'), 'utf8');
  for await (const document of glob('docs/*.md', { cwd: PROJECT_ROOT }))
    t.true(readme.includes(`](${document})`), document);
});
