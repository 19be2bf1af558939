import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateWorkflow } from '@action-validator/core';
import test from 'ava';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../project.ts';
import { catalogue } from '../scenario/catalogue.ts';
import { replaceScript } from './guest.ts';
import { cellMarkdown, cellOf, GuestReader, newestOf, verdictOf } from './outcome.ts';
import {
  CHECKS,
  commandsFor,
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
    const script = guestScript(engine, [SETUP]);
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
  const commands = commandsFor(['setup', 'master-kill', 'prune']);
  const scripts = commands.map((command) => guestScript('docker', command));
  const lines = play(scripts, 'scenario master-kill --parallel 1');
  t.is(lines[0], '@stock waits');
  const events = lines.flatMap((line) => {
    const event = reader.read(line);
    const ends = event?.kind === 'end' ? event.ends : [];
    return ends.map(({ check, exitCode, lines }) => [check, exitCode, lines.join()]);
  });
  t.deepEqual(events, [
    ['setup', 0, 'ran setup'],
    ['master-kill', 1, 'ran scenario master-kill --parallel 1'],
    ['prune', 0, 'ran prune --images'],
  ]);
});

test('a script is written over the last one, on a disk that keeps its size', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'amphora-testbed-script-'));
  try {
    const disk = join(folder, 'script');
    writeFileSync(disk, '-'.repeat(SCRIPT_BYTES + 1));
    for (const script of [`# first\n${'echo 1\n'.repeat(200)}`, '# second\n']) {
      await replaceScript(disk, script);
      t.is(readFileSync(disk, 'utf8'), `${script.padEnd(SCRIPT_BYTES, '\n')}-`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the lines of a check are its own, and its seconds the guest's", (t) => {
  const reader = new GuestReader();
  const text = `booting\r\n@stock kernel 6.1.0\n@stock begin setup\n11.25 built\r\n@stock end setup 3 10.5 72.0\n@stock waits`;
  const events = text.split('\n').flatMap((line) => reader.read(line) ?? []);
  t.deepEqual(events, [
    { kind: 'kernel', kernel: '6.1.0' },
    { kind: 'begin', checks: ['setup'] },
    { kind: 'end', ends: [{ check: 'setup', exitCode: 3, seconds: 61.5, lines: ['built'] }] },
  ]);
});

test('scenarios are a few to a command, in their order, and all else is alone', (t) => {
  const commands = commandsFor(CHECKS);
  t.deepEqual(commands.flat(), CHECKS);
  for (const command of commands) {
    const isOfScenarios = command.every((check) => CHECKS.slice(2, -1).includes(check));
    t.true(isOfScenarios ? command.length <= 5 : command.length === 1, command.join());
  }
  t.true(commands.length < CHECKS.length / 2);
  t.deepEqual(commandsFor([SETUP, 'port-cut', 'prune']), [[SETUP], ['port-cut'], ['prune']]);
});

/** What a guest prints for a command of three scenarios. */
const THREE = `@stock begin port-cut,partition,peer-sync
10.10 Docker 20.10.24 at unix:///var/run/docker.sock; 3 runs
30.50 [0/2] invalid port-cut run 1: the clock stalled (will be repeated)
50.75 [1/2] failed partition run 1: not served
61.00 [2/2] passed port-cut run 2
62.00 passed port-cut: the master's port is cut
62.00   outage 2823 ms
62.00
62.10 failed partition: nobody hears the other
62.20   not served`;

test('each scenario of a command has its own result, its part of the report, and its time', (t) => {
  const reader = new GuestReader();
  const text = `${THREE}\n62.20 skipped peer-sync: no peers here\n@stock end port-cut,partition,peer-sync 1 10.00 63.00`;
  const [, end] = text.split('\n').flatMap((line) => reader.read(line) ?? []);
  t.deepEqual(end, {
    kind: 'end',
    ends: [
      {
        check: 'port-cut',
        exitCode: 0,
        seconds: 30.75,
        lines: ["passed port-cut: the master's port is cut", '  outage 2823 ms'],
      },
      {
        check: 'partition',
        exitCode: 1,
        seconds: 20.25,
        lines: ['failed partition: nobody hears the other', '  not served'],
      },
      { check: 'peer-sync', exitCode: 0, seconds: 0, lines: ['skipped peer-sync: no peers here'] },
    ],
  });
});

test('a scenario that the report lacks ends as the command did, and never well', (t) => {
  for (const [exitCode, given] of [
    [124, 124],
    [0, 1],
  ] as const) {
    const reader = new GuestReader();
    const text = `${THREE}\n@stock end port-cut,partition,peer-sync ${exitCode} 10.00 63.00`;
    const [, end] = text.split('\n').flatMap((line) => reader.read(line) ?? []);
    t.deepEqual(end?.kind === 'end' && end.ends.map((each) => each.exitCode), [0, 1, given]);
  }
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

test('of each check the newest is kept, wherever it was run', (t) => {
  const other = { ...OUTCOME, engine: 'docker' } as const;
  const again = { ...OUTCOME, exitCode: 1, date: '2026-11-27T13:00:00.000Z' };
  t.deepEqual(newestOf([OUTCOME, other, again]), [again, other]);
  t.deepEqual(newestOf([again, other, OUTCOME]), [other, again]);
});

test('a machine has a table: a column for each engine, a row for each check', (t) => {
  const docker = { ...OUTCOME, engine: 'docker', engineVersion: '20.10.24+dfsg1-1', check: 'prune' } as const;
  const newer = { ...OUTCOME, check: 'check', engineVersion: '4.3.2', date: '2026-12-01T10:00:00.000Z' };
  const other = { ...OUTCOME, machine: 'trixie', kernel: '6.12.0', exitCode: 1 } as const;
  t.is(
    cellMarkdown([other, OUTCOME, docker, newer].map(cellOf)),
    `| Debian 12, kernel 6.1.0 | docker.io 20.10.24 | Podman, root 4.3.1 and 4.3.2 |
| ----------------------- | ------------------ | ---------------------------- |
| setup                   | –                  | good, 61 s                   |
| check                   | –                  | good, 61 s                   |
| prune                   | good, 61 s         | –                            |
| last run                | 2026-11-27         | 2026-12-01                   |

| Debian 13, kernel 6.12.0 | Podman, root 4.3.1 |
| ------------------------ | ------------------ |
| setup                    | exit 1, 61 s       |
| last run                 | 2026-11-27         |`,
  );
});

test('the document shows the cells that are known', (t) => {
  const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), 'utf8').trimEnd();
  const cells = read('harness/stock/tested-on.jsonl')
    .split('\n')
    .map((line) => JSON.parse(line));
  t.true(read('docs/tested-on.md').endsWith(`\n## Results\n\n${cellMarkdown(cells)}`));
});
