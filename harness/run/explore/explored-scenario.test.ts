import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../../project.ts';
import { narrate } from '../../scenario/narrate.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { exploredScenario, scenarioFile } from './explored-scenario.ts';
import type { Move } from './steps.ts';

const STEPS: readonly Move[] = [
  { word: 'stopService', on: 'master' },
  { word: 'loseAdvertisements' },
  { word: 'freeze', on: 'backup' },
];

test("in a user's folder the file imports the package, and nothing by a path", async (t) => {
  const text = scenarioFile('found', STEPS, 'x', true, true);
  const imports = text.match(/^import .*/gm) ?? [];
  const [, names = ''] = /^import \{ (.*) \} from 'amphora-testbed';$/.exec(imports.join()) ?? [];
  const entry = await import('../../scenario/entry.ts');
  t.deepEqual(names.split(', '), ['scenario', 'upTo']);
  for (const name of names.split(', ')) t.true(name in entry, name);
});

for (const amphorae of [true, false]) {
  test.serial(
    `the file that is written tells what was explored of ${amphorae ? 'amphorae' : 'a pair'}, word for word`,
    async (t) => {
      const found = ['nobody was `served`: $', '{x}'].join('');
      const folder = await mkdtemp(join(PROJECT_ROOT, 'reports', 'explored-'));
      try {
        const file = join(folder, 'found.ts');
        const text = scenarioFile('found', STEPS, found, amphorae);
        await writeFile(file, text.replaceAll("'../harness", "'../../harness"));
        const { default: written } = (await import(file)) as { default: Scenario };
        t.deepEqual(await narrate(written), await narrate(exploredScenario(STEPS, amphorae)));
        t.is(written.name, 'found');
        t.regex(written.story, /nobody was 'served'/);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
}
