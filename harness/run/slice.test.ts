import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { MUTATIONS } from '../mutations/mutations.ts';
import { PROJECT_ROOT } from '../project.ts';
import { scenariosNamed } from '../scenario/catalogue.ts';
import { GROUPS } from '../scenario/scenario.ts';

/** The scenarios that CI runs. */
const text = await readFile(join(PROJECT_ROOT, '.ci/run'), 'utf8');
const slice = /^slice="(.*)"$/m.exec(text)?.[1]?.split(' ') ?? [];

test('the part of the catalogue that CI runs has each of its groups', async (t) => {
  const groups = new Set((await scenariosNamed(slice)).map(({ group }) => group));
  t.deepEqual(
    [...GROUPS].filter((group) => !groups.has(group)),
    [],
  );
});

test('each scenario of it is aimed at by a mutation, so that CI sees it fail', (t) => {
  const aimed = new Set(MUTATIONS.flatMap(({ aims }) => aims));
  t.deepEqual(
    slice.filter((name) => !aimed.has(name)),
    [],
  );
});
