import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../project.ts';
import { silentMaster } from '../scenario/models.ts';
import { narrate } from '../scenario/narrate.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { UsageError } from '../usage-error.ts';
import { controls } from './controls.ts';
import { knownStories } from './known-stories.ts';
import { type Step, savedScenario } from './saved.ts';

const MACHINES = ['amphora-2', 'amphora-1'];
const STEPS: readonly Step[] = [
  { part: 'fault', word: 'delay', given: ['amphora-2', { ms: 300 }] },
  { part: 'fault', word: 'kill', given: ['haproxy', 'amphora-1'], servedBy: 'amphora-2' },
  { part: 'heal', word: 'undelay', given: ['amphora-2'], servedBy: 'amphora-2' },
];

test('the file that is saved tells what was clicked, with the roles of then', async (t) => {
  const folder = await mkdtemp(join(PROJECT_ROOT, 'reports', 'saved-'));
  try {
    const like = { group: 'network', model: silentMaster } as Scenario;
    const text = savedScenario('clicked', STEPS, MACHINES, like);
    const file = join(folder, 'clicked.ts');
    await writeFile(file, text.replaceAll("'../harness", "'../../harness"));
    const { default: saved } = (await import(file)) as { default: Scenario };
    t.deepEqual(await narrate(saved), [
      'Everything that the master sends is delayed by 300 ms.',
      'HAProxy on the backup is killed.',
      'Check: the master answers a request.',
      'What the master sends is no longer delayed.',
      'Check: the master answers a request.',
    ]);
    t.is(saved.model, silentMaster);
    t.is(saved.group, 'network');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what a step was given is written as it was', async (t) => {
  const given = { listeners: [{ name: 'it\'s, "mine"', headers: ['a,b', 'c: d'] }], pool: { 'lb-x': -0.5 } };
  const text = savedScenario(
    'x',
    [{ part: 'change', word: 'loadBalancer', given: [given] }],
    MACHINES,
    undefined,
  );
  const [, written = ''] = /await change\.loadBalancer\((.*)\);/.exec(text) ?? [];
  t.deepEqual(new Function(`return ${written}`)(), given);
});

test('what cannot be saved is refused with the reason', (t) => {
  const refused = (name: string, steps: readonly Step[], pattern: RegExp) =>
    t.regex(
      t.throws(() => savedScenario(name, steps, MACHINES, undefined), { instanceOf: UsageError })?.message ??
        '',
      pattern,
    );
  refused('../x', STEPS, /found "\.\.\/x"/);
  refused('x', [], /Nothing has been done/);
  refused('x', [{ part: 'fault', word: 'freeze', given: ['amphora-3'] }], /amphora-3 was not there/);
});

test('the catalogue tells what a deed demands of a pair that is well', async (t) => {
  const stories = await knownStories();
  const cut = { part: 'fault', word: 'powerOff', given: ['master'] } as const;
  t.is(stories.beginningWith(cut)?.model, silentMaster);
  t.is(stories.beginningWith({ ...cut, given: ['nobody'] }), undefined);
  t.not(stories.beginningWith({ ...cut, given: ['backup'] })?.model, silentMaster);
  t.deepEqual(stories.examples.get('fault.delay'), ['master', stories.examples.get('fault.delay')?.[1]]);
});

test('each fault, repair and change has a button, with a field for each argument', async (t) => {
  const { examples } = await knownStories();
  const { WORDS } = await import('../scenario/story/words.ts');
  const page = String(controls({ machines: MACHINES, members: ['backend-1'], amphorae: true, examples }));
  for (const part of ['fault', 'heal', 'change'] as const) {
    for (const [name, { takes }] of Object.entries(WORDS[part])) {
      const [form] =
        new RegExp(`<form data-part="${part}" data-word="${name}" novalidate>.*?</form>`, 's').exec(page) ??
        [];
      t.truthy(form, `${part}.${name}`);
      t.is(form?.match(/data-argument/g)?.length ?? 0, takes.length, `${part}.${name}`);
    }
  }
  const pair = String(controls({ machines: ['a', 'b'], members: [], amphorae: false, examples }));
  t.false(pair.includes('data-word="failoverAmphora"'));
  t.true(pair.includes('data-word="powerOff"'));
});
