import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateWorkflow } from '@action-validator/core';
import test from 'ava';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../project.ts';
import { catalogue } from '../scenario/catalogue.ts';
import { GuestReader, outcomeMarkdown, verdictOf, withOutcome } from './outcome.ts';
import {
  CHECKS,
  ENGINES,
  type EngineName,
  GUEST_LOOP,
  guestScript,
  isOn,
  MACHINES,
  type MachineName,
  PAYLOAD,
  SCRIPT_BYTES,
  SETUP,
} from './plan.ts';

const OUTCOME = {
  machine: 'bookworm',
  engine: 'podman',
  check: 'setup',
  exitCode: 0,
  seconds: 61.4,
  date: '2026-11-27',
  kernel: '6.1.0',
  engineVersion: '4.3.1',
  lines: [],
} as const;

test('every check between the first two and the last is a scenario of the catalogue', async (t) => {
  const { scenarios } = await catalogue();
  const known = scenarios.map(({ name }) => name);
  for (const check of CHECKS.slice(2, -1)) t.true(known.includes(check), check);
});

test('the script of each engine is one that sh reads, and runs as its user', (t) => {
  for (const engine of Object.keys(ENGINES) as EngineName[]) {
    const script = guestScript(engine, SETUP);
    const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
    t.is(status, 0, stderr);
    t.is(/timeout \d+ runuser -u tester/.test(script), engine.endsWith('rootless'), engine);
  }
});

test("the repository's night boots every machine with every engine that can be had there", async (t) => {
  const workflow = readFileSync(join(PROJECT_ROOT, '.github/workflows/night.yml'), 'utf8');
  t.deepEqual(validateWorkflow(workflow).errors, []);
  t.regex(
    workflow,
    /npm run stock -- .*--machine \$\{\{ matrix\.machine \}\} --engine \$\{\{ matrix\.engine \}\}/,
  );
  const { machine, engine, exclude } = parse(workflow).jobs.stock.strategy.matrix;
  t.deepEqual(machine, Object.keys(MACHINES));
  t.deepEqual(engine, Object.keys(ENGINES));
  const lacking = (Object.keys(MACHINES) as MachineName[]).flatMap((name) =>
    (Object.keys(ENGINES) as EngineName[])
      .filter((each) => !isOn(name, each))
      .map((each) => ({ machine: name, engine: each })),
  );
  t.deepEqual(exclude, lacking);
});

/** Runs what a guest runs, with programs that only say what they are called with, until nothing is left of its sleep. */
function play(scripts: readonly string[], failing: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'amphora-testbed-stock-'));
  try {
    const said = join(folder, 'said');
    const stub = (name: string, text: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    for (const name of ['modprobe', 'systemctl', 'docker', 'mount', 'blockdev']) stub(name, 'exit 0');
    stub('amphora-testbed', `echo "ran $*"; [ "$*" != "${failing}" ]`);
    writeFileSync(join(folder, 'base.tar'), '');
    writeFileSync(said, '');
    const here = (text: string) =>
      text
        .replace('exec >/dev/virtio-ports/stock', `exec >>${said}`)
        .replaceAll('/dev/vdc', join(folder, 'script'))
        .replaceAll(`${PAYLOAD}/`, `${folder}/`)
        .replaceAll(/PATH=\S+/g, `PATH=${folder}:/usr/bin:/bin`);
    // Each turn of the loop finds the next script; at times the same one still.
    const turns = ['', '', ...scripts.flatMap((script) => [script, script])];
    for (const [number, script] of turns.entries())
      writeFileSync(join(folder, String(number)), here(script).padEnd(SCRIPT_BYTES, '\n'));
    stub(
      'sleep',
      `cd ${folder}; n=$(cat turn 2>/dev/null || echo 0); echo $((n + 1)) >turn; cp "$n" script 2>/dev/null`,
    );
    spawnSync('sh', { input: here(GUEST_LOOP), env: { PATH: `${folder}:${process.env.PATH}` } });
    return readFileSync(said, 'utf8').trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a guest runs each script once, and one that fails does not end the others', (t) => {
  const reader = new GuestReader();
  const scripts = ['setup', 'master-kill', 'prune'].map((check) => guestScript('docker', check));
  const lines = play(scripts, 'scenario master-kill');
  t.is(lines[0], '@stock waits');
  const events = lines.flatMap((line) => {
    const event = reader.read(line);
    return event?.kind === 'end' ? [[event.check, event.exitCode, event.lines.join()]] : [];
  });
  t.deepEqual(events, [
    ['setup', 0, 'ran setup'],
    ['master-kill', 1, 'ran scenario master-kill'],
    ['prune', 0, 'ran prune --images'],
  ]);
});

test("the lines of a check are its own, and its seconds the guest's", (t) => {
  const reader = new GuestReader();
  const text = `booting\r\n@stock kernel 6.1.0\n@stock begin setup 10.5\nbuilt\r\n@stock end setup 3 10.5 72.0\n@stock waits`;
  const events = text.split('\n').flatMap((line) => reader.read(line) ?? []);
  t.deepEqual(events, [
    { kind: 'kernel', kernel: '6.1.0' },
    { kind: 'begin', check: 'setup' },
    { kind: 'end', check: 'setup', exitCode: 3, seconds: 61.5, lines: ['built'] },
  ]);
});

test('a verdict is good, skipped, none, too slow, or an exit code', (t) => {
  t.is(verdictOf(OUTCOME), 'good');
  t.is(
    verdictOf({
      exitCode: 0,
      lines: ['skipped delayed-network: every frame of the master takes 300 ms: no take-over, slow requests'],
    }),
    'skipped',
  );
  t.is(verdictOf({ exitCode: 4, lines: [] }), 'no verdict');
  t.is(verdictOf({ exitCode: 124, lines: [] }), 'too slow');
  t.is(verdictOf({ exitCode: 3, lines: [] }), 'exit 3');
});

test('a new outcome replaces that of its cell, and no other', (t) => {
  const other = { ...OUTCOME, engine: 'docker' } as const;
  const again = { ...OUTCOME, exitCode: 1 };
  t.deepEqual(withOutcome([OUTCOME, other], again), [other, again]);
});

test('the table has a row for each outcome', (t) => {
  t.is(
    outcomeMarkdown([OUTCOME]).split('\n')[2],
    '| Debian 12, kernel 6.1.0 | Podman, root 4.3.1 | setup | good | 61 | 2026-11-27 |',
  );
});
