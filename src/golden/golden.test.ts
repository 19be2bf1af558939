import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { DIFFERENCES, type Release } from './differences.fixture.ts';
import { GOLDEN_UNITS, goldenCases, rendered, renderedUnits } from './golden.fixture.ts';

const FOLDER = import.meta.dirname;
const DOCS = join(FOLDER, '../../docs/templates.md');

/** Words and lines: blanks between words, empty lines and the order of expected codes mean nothing. */
function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replace(/(?<!\\) +/g, ' '))
    .map((line) =>
      line.startsWith('http-check expect rstatus ')
        ? line.replace(/\S+$/, (codes) => codes.split('|').sort().join('|'))
        : line,
    )
    .filter((line) => line !== '' && !line.startsWith('# Configuration'));
}

/** Lines that are no comments. */
const code = (text: string) => lines(text).filter((line) => !line.startsWith('# '));

const RELEASES: readonly Release[] = ['debian', 'head'];

for (const release of RELEASES) {
  test(`the agent's units are written as by upstream (${release})`, async (t) => {
    for (const [file, text] of Object.entries(renderedUnits())) {
      const golden = await readFile(join(FOLDER, release, `${GOLDEN_UNITS.name}.${file}`), 'utf8');
      t.deepEqual(code(text), code(golden), file);
    }
  });

  for (const one of goldenCases()) {
    test(`${one.name} is rendered as by upstream (${release})`, async (t) => {
      const ours = rendered(one);
      t.true(Object.keys(ours).length > 0);
      for (const [file, text] of Object.entries(ours)) {
        const golden = await readFile(join(FOLDER, release, `${one.name}.${file}`), 'utf8');
        const expected = DIFFERENCES.filter(
          (difference) => difference.releases.includes(release) && difference.file === file,
        ).reduce<readonly string[]>((upstream, difference) => difference.ours(upstream), lines(golden));
        t.deepEqual(lines(text), expected, `${one.name}.${file}`);
      }
    });
  }
}

test('each difference from upstream is needed, and the docs give its reason', async (t) => {
  const docs = await readFile(DOCS, 'utf8');
  const cases = goldenCases();
  for (const { name, releases, file, ours } of DIFFERENCES) {
    t.true(docs.includes(`### ${name}\n`), `docs/templates.md: ${name}`);
    const paths = releases.flatMap((release) =>
      cases.map((one) => join(FOLDER, release, `${one.name}.${file}`)),
    );
    const shown = await Promise.all(
      paths.map(async (path) => {
        const before = existsSync(path) ? lines(await readFile(path, 'utf8')) : [];
        return ours(before).join('\n') !== before.join('\n');
      }),
    );
    t.true(shown.includes(true), `no golden file shows: ${name}`);
  }
});
