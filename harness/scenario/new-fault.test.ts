/** Adding a fault touches one file: what that file is enough for. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { PROJECT_ROOT } from '../project.ts';
import { effectsOf } from '../run/explore/steps.ts';
import { faultsIn } from '../vocabulary/fault.ts';
import { noOutage } from './models.ts';
import { narrate } from './narrate.ts';
import { FAULTS, wordsWith } from './story/words.ts';
import { wordTables } from './word-tables.ts';

const SOAK = `import { AMPHORA, units } from '../../harness/vocabulary/argument.ts';
import { done } from '../../harness/vocabulary/deed.ts';
import { fault, heal } from '../../harness/vocabulary/fault.ts';

const dry = heal({
  name: 'dry',
  takes: [AMPHORA],
  says: (amphora) => \`\${amphora} is dried\`,
  act: (_, { instance }) => done('heal', 'dried', instance.name, 'with a towel', async () => {}),
});

const soakThrough = fault({
  name: 'soakThrough',
  takes: [AMPHORA, units('ml')],
  says: (amphora, { ml }) => \`\${amphora} is soaked with \${ml} ml of water\`,
  act: (_, { instance }, { ml }) => done('fault', 'soaked', instance.name, \`\${ml} ml\`, async () => {}),
  heal: dry,
  explore: { ailment: 'soaked' },
});
export default soakThrough;

declare module '../../harness/vocabulary/fault.ts' {
  interface FaultWords {
    readonly soakThrough: typeof soakThrough;
  }
}
`;

/** What the editor lists: checked as types alone. */
const STORY = `import type { Story } from '../../harness/scenario/story.ts';

export async function run({ master, fault, heal }: Story) {
  await fault.soakThrough(master, { ml: 200 });
  await heal.dry(master);
  // @ts-expect-error: a wrong unit
  await fault.soakThrough(master, { l: 0.2 });
  // @ts-expect-error: no unit
  await fault.delay(master, 300);
}
`;

async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(PROJECT_ROOT, 'reports', 'faults-'));
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test('a fault in a file of its own is in the vocabulary, the explanation, exploration and the reference', async (t) => {
  await using scratch = await folderWith({ 'soak-through.ts': SOAK, 'soak-through.test.ts': 'no test' });
  const added = await faultsIn(scratch.folder);
  t.deepEqual(Object.keys(added), ['soakThrough']);
  const words = wordsWith({ ...FAULTS, ...added });

  const told = narrate(
    {
      ...{ name: 'soaked', title: 'soaked', group: 'network', story: '', model: noOutage },
      async run({ master, fault, heal }) {
        const said = { fault, heal } as unknown as Record<
          string,
          Record<string, (...given: unknown[]) => unknown>
        >;
        await said.fault?.soakThrough?.(master, { ml: 200 });
        await said.heal?.dry?.(master);
      },
    },
    words,
  );
  t.deepEqual(await told, ['The master is soaked with 200 ml of water.', 'The master is dried.']);
  t.like(effectsOf(words.fault).get('soakThrough'), { part: 'fault', ailment: 'soaked', onOne: true });
  t.like(effectsOf(words.fault).get('dry'), { part: 'heal', ailment: 'soaked' });
  t.true(
    wordTables(words).includes(
      '| `fault.soakThrough(amphora, { ml })` | the amphora is soaked with N ml of water | `heal.dry` | yes |',
    ),
  );
  t.true(wordTables(words).includes('| `heal.dry(amphora)` | the amphora is dried |'));
});

test('scenarios are checked against the types of a fault in a file of its own', async (t) => {
  t.timeout(60_000);
  await using scratch = await folderWith({
    'soak-through.ts': SOAK,
    'story.ts': STORY,
    'tsconfig.json': '{ "extends": "../../tsconfig.json", "include": ["*.ts", "../../harness/faults/*.ts"] }',
  });
  const { exitCode, stdout } = await execa('tsc', ['--project', scratch.folder], {
    preferLocal: true,
    reject: false,
  });
  t.is(exitCode, 0, stdout);
});

for (const [is, file, text, said] of [
  [
    'has no fault',
    'nothing.ts',
    'export const nothing = 1;\n',
    /nothing\.ts must say export default fault\(\{ name: 'nothing', … \}\)\.$/,
  ],
  [
    'is named otherwise',
    'drench.ts',
    SOAK,
    /drench\.ts must say export default fault\(\{ name: 'drench', … \}\)\.$/,
  ],
  [
    'exploration could not undo',
    'soak-through.ts',
    SOAK.replace('heal: dry,', 'heal: undefined,'),
    /soak-through\.ts: exploration repairs what it breaks; soakThrough has no heal\.$/,
  ],
] as const) {
  test(`a file that ${is} is refused`, async (t) => {
    await using scratch = await folderWith({ [file]: text });
    await t.throwsAsync(faultsIn(scratch.folder), { message: said });
  });
}
