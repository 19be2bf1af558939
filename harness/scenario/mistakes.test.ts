/** Mistakes in scenarios' files that are found when the file is loaded: what the command line says of them. */
import { basename, join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { EXIT, explain } from '../command-line/errors.ts';
import { PROJECT_ROOT } from '../project.ts';
import { SCENARIOS_VARIABLE, scenariosNamed } from './catalogue.ts';
import { SOUND, scenariosFolder, scenarioText } from './mistakes.fixture.ts';

interface Mistake {
  readonly is: string;
  readonly text: string;
  /** After the folder. */
  readonly said: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    is: 'is no TypeScript',
    text: scenarioText('broken', { story: '    const = 1;' }),
    said: /^broken\.ts:10: cannot be loaded: .+\.$/,
  },
  {
    is: 'imports a module that is not there',
    text: `\nimport { drain } from '../../harness/faults/drain.ts';\n${scenarioText('broken')}`,
    said: /^broken\.ts:2: cannot be loaded: Cannot find module .+drain\.ts'/,
  },
  {
    is: 'imports what a module does not export',
    text: `import { draining } from '../../harness/scenario/models.ts';\n${scenarioText('broken')}`,
    said: /^broken\.ts:1: cannot be loaded: The requested module .+ does not provide an export named 'draining'\.$/,
  },
  {
    is: 'throws while it is loaded',
    text: `${scenarioText('broken')}\nconst nothing = JSON.parse('null');\nconsole.log(nothing.foo);\n`,
    said: /^broken\.ts:15: cannot be loaded: Cannot read properties of null \(reading 'foo'\)\.$/,
  },
  {
    is: 'awaits for ever while it is loaded',
    text: `${scenarioText('broken')}\nawait new Promise(() => {});\n`,
    said: /^broken\.ts:14: cannot be loaded: It awaits something that does not come within 10 s\.$/,
  },
  {
    is: 'is empty',
    text: '',
    said: /^broken\.ts:1: it has no default export; a scenario's file says export default scenario\('broken', \{ … \}\)\.$/,
  },
  {
    is: 'exports its scenario by name',
    text: scenarioText('broken').replace('export default', 'export const broken ='),
    said: /^broken\.ts:4: it has no default export/,
  },
  {
    is: 'exports something else',
    text: "\nexport default { name: 'broken', run: async () => {} };\n",
    said: /^broken\.ts:2: its default export is no scenario of its own/,
  },
  {
    is: "exports another file's scenario",
    text: "export { default } from './sound.ts';\n",
    said: /^broken\.ts:1: its default export is no scenario of its own/,
  },
  {
    is: 'defines two scenarios',
    text: scenarioText('broken').replace(
      'export default',
      "scenario('second', { title: '', group: 'network', story: '', model: noOutage, run: async () => {} });\nexport default",
    ),
    said: /^broken\.ts:4: .*broken\.ts defines 2 scenarios; each has a file of its own\.$/,
  },
  {
    is: 'has a name that is not its file’s',
    text: scenarioText('brokn'),
    said: /^broken\.ts:4: the scenario is named "brokn"; it must be named as its file, "broken"\.$/,
  },
  {
    is: 'has an unknown group',
    text: scenarioText('broken', { group: "'netwrk'" }),
    said: /^broken\.ts:6: group "netwrk" is not allowed; the nearest is "network", and there are .*"variants"\.$/,
  },
  {
    is: 'has an unknown field',
    text: scenarioText('broken', { fields: "titel: 'x', title: 'y'" }),
    said: /^broken\.ts:5: a scenario has no field "titel"; the nearest is title, and there are title, /,
  },
  {
    is: 'has no story to run',
    text: scenarioText('broken').replace('async run(', 'async walk('),
    said: /^broken\.ts:4: the scenario has no run\.$/,
  },
  {
    is: 'has no story',
    text: scenarioText('broken').replace("story: 'A test.',", ''),
    said: /^broken\.ts:4: story must not be empty/,
  },
  {
    is: 'defines nothing',
    text: scenarioText('broken').replace(/scenario\('broken', \{.*\}\);/s, "scenario('broken');"),
    said: /^broken\.ts:4: /,
  },
  {
    is: 'tells a figure that it does not have',
    text: scenarioText('broken').replace('A test.', 'After {outage}.'),
    said: /^broken\.ts:4: cannot be loaded: The story tells \{outage\}, which is not in `measured`\.$/,
  },
  {
    is: 'has a figure that is none',
    text: scenarioText('broken', { fields: "title: 'x',\n  measured: { outage: '3 s' }" }),
    said: /^broken\.ts:6: measured/,
  },
  {
    is: 'sets a parameter that is not there',
    text: scenarioText('broken', { fields: "title: 'x',\n  parameters: { advert_itn: 2 }" }),
    said: /^broken\.ts:6: parameters: there is no parameter "advert_itn"; the nearest is advert_int/,
  },
  {
    is: 'has a load balancer that is none',
    text: scenarioText('broken', { fields: "title: 'x', loadBalancer: { listener: { protocol: 'HTPP' } }" }),
    said: /^broken\.ts:5: loadBalancer: .*HTPP/,
  },
  {
    is: 'says a word in a spelling of yesterday',
    text: scenarioText('broken', { story: "    await expect.vipStays(await mark('quiet'), 4);" }),
    said: /^broken\.ts:10: expect\.vipStays\(instant, \{ intervals \}\) was given 4 as \{ intervals \}; write \{ intervals: 4 \}\.$/,
  },
  {
    is: 'says a word that is none',
    text: scenarioText('broken', { story: '    await (fault as any).powerOf(master);' }),
    said: /^broken\.ts:10: There is no fault\.powerOf; the nearest is fault\.powerOff\.$/,
  },
  {
    is: 'has a limit that is none',
    text: scenarioText('broken', { fields: "title: 'x',\n  limitS: -1" }),
    said: /^broken\.ts:6: limitS must be more than 0; found -1\.$/,
  },
];

for (const { is, text, said } of MISTAKES) {
  test.serial(`a file that ${is} is named with its line and ends with 2`, async (t) => {
    await using scenarios = await scenariosFolder({ 'broken.ts': text, 'sound.ts': SOUND });
    process.env[SCENARIOS_VARIABLE] = scenarios.folder;
    try {
      const error = await t.throwsAsync(scenariosNamed(['broken']));
      const { code, sentence = '' } = explain(error);
      t.is(code, EXIT.usage);
      t.regex(sentence.replaceAll(`reports/${basename(scenarios.folder)}/`, ''), said);
      t.deepEqual(
        (await scenariosNamed(['sound'])).map(({ name }) => name),
        ['sound'],
      );
    } finally {
      delete process.env[SCENARIOS_VARIABLE];
    }
  });
}

async function cli(folder: string, ...args: string[]) {
  const main = join(PROJECT_ROOT, 'harness/command-line/main.ts');
  const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...args], {
    cwd: PROJECT_ROOT,
    reject: false,
    // Nothing is run: there is no engine to look for.
    env: { [SCENARIOS_VARIABLE]: folder, DOCKER_HOST: 'unix:///does/not/exist.sock' },
  });
  return { exitCode, stdout, said: stderr.replaceAll(`reports/${basename(folder)}/`, '').trim() };
}

test.serial('mistakes keep neither the list nor a scenario beside them from being used', async (t) => {
  t.timeout(120_000);
  // One that awaits for ever costs its limit each time; words are read by who runs them.
  const broken = MISTAKES.filter(({ is }) => !/awaits for ever|says a word/.test(is));
  const files = broken.map(({ text }, n) => [`broken-${n}.ts`, text]);
  await using scenarios = await scenariosFolder({ ...Object.fromEntries(files), 'sound.ts': SOUND });
  const list = await cli(scenarios.folder, 'scenario', '--list');
  t.is(list.exitCode, 0);
  t.regex(list.stdout, /^network:\n {2}sound {2}a mistake$/);
  t.deepEqual(
    list.said.split('\n').map((line) => /^left out: (broken-\d+)\.ts:\d+: /.exec(line)?.[1]),
    broken.map((_, n) => `broken-${n}`).sort(),
  );
  const named = await cli(scenarios.folder, 'scenario', 'broken-0');
  t.is(named.exitCode, 2);
  t.regex(named.said, /^broken-0\.ts:10: cannot be loaded: [^\n]+\.$/);
  // It gets as far as to the engine, which is not there.
  for (const args of [['scenario', 'sound'], ['scenario', '--all'], ['nightly']]) {
    const run = await cli(scenarios.folder, ...args, '--reports', scenarios.folder);
    t.is(run.exitCode, 3, args.join(' '));
    t.regex(run.said, /does\/not\/exist\.sock does not answer/);
    t.is(run.said.includes('left out: broken-0.ts:10: '), !args.includes('sound'), args.join(' '));
  }
});

for (const [is, story, said] of [
  [
    'throws',
    '    lab.nothing.foo();',
    /^broken\.ts:10: Cannot read properties of undefined \(reading 'nothing'\)\.$/,
  ],
  [
    'goes around for ever',
    '    for (;;) await expect.sameConfiguration();',
    /^broken\.ts: the story does not end within 5 s/,
  ],
] as const) {
  test.serial(`a story that ${is} is not explained, and --explain says where`, async (t) => {
    await using scenarios = await scenariosFolder({ 'broken.ts': scenarioText('broken', { story }) });
    const { exitCode, said: words } = await cli(scenarios.folder, 'scenario', '--explain', 'broken');
    t.is(exitCode, 2);
    t.regex(words, said);
  });
}
