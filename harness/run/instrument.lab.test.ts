import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { execa } from 'execa';
import { judge } from '../analysis/verdict/judge.ts';
import { removeContainer } from '../lab/engine/containers.ts';
import { findEngine } from '../lab/engine/engine.ts';
import { programPath } from '../lab/engine/private-engine.ts';
import type { Lab } from '../lab/lab.ts';
import { silentMaster } from '../scenario/models.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type OneRun, oneRun } from './one-run.fixture.ts';
import { readStoredRun } from './run-folder.ts';

const FROZEN_MS = 2000;
const LIMIT_MS = 120_000;

/** A machine that stands still where nobody meant it to. */
const disturbed: Scenario = {
  name: 'disturbed',
  title: 'the backup stands still while it should take over',
  group: 'load and machine',
  story: 'For the test of the instrument alone.',
  model: silentMaster,
  async run({ lab, master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await lab.freeze(backup);
    await delay(FROZEN_MS);
    await lab.thaw(backup);
    await expect.servedBy(backup, loss);
  },
};

/** A part of the testbed ends while the backup takes over. */
function bereft(end: (lab: Lab) => Promise<unknown>): Scenario {
  return {
    ...disturbed,
    name: 'bereft',
    async run({ lab, master, backup, fault, expect }) {
      const loss = await fault.powerOff(master);
      await end(lab);
      await expect.servedBy(backup, loss);
    },
  };
}

const shell = (command: string) => (lab: Lab) => lab.fabric.run({ argv: ['sh', '-ec', command] });
/** Kills a program of this lab that runs in the client's namespace: the fabric sees those of other labs too, which may end meanwhile. */
const killed = (program: string) => `for process in $(pgrep -x ${program}); do
  [ "$(readlink /proc/$process/ns/net)" != "$(readlink /proc/self/ns/net)" ] || kill $process
done`;
const LOST: Readonly<
  Record<string, { readonly end: (lab: Lab) => Promise<unknown>; readonly says: string }>
> = {
  'the capture at the switch': {
    end: shell('kill $(ip netns pids switch)'),
    says: 'An observer was lost: the capture at the switch ended',
  },
  "the packet prober's sender": {
    end: shell(killed('trafgen')),
    says: "An observer was lost: the packet prober's sender ended",
  },
  "the packet prober's capture": {
    end: shell(killed('tcpdump')),
    says: "An observer was lost: the packet prober's capture ended",
  },
  'the lab, which somebody removed': {
    end: async (lab) => removeContainer(await findEngine(), lab.fabric.containerId),
    says: 'An observer was lost: ',
  },
};

/** Seed of the run that both tests read. */
let disturbedRun: Promise<OneRun> | undefined;
test.after.always(async () => {
  const ended = await disturbedRun?.catch(() => undefined);
  await ended?.[Symbol.asyncDispose]();
});

test('an amphora that stood still makes a run invalid, neither passed nor failed', async (t) => {
  t.timeout(LIMIT_MS);
  disturbedRun ??= oneRun(disturbed);
  const { run, folder } = await disturbedRun;
  t.is(run.status, 'invalid', run.reason);
  const stored = await readStoredRun(folder);
  const stalled = stored.history.flatMap((seen) => (seen.kind === 'stall' ? [seen.node] : []));
  t.regex(stalled.join(' '), /amphora-[12]/);
  // A busy machine may have held up the fabric before that.
  t.regex(run.reason ?? '', /held (?:amphora-[12]|fabric) up for|thread timer expired/);
  // Where the time went is not judged.
  const { timings: _, ...verdict } = run;
  t.deepEqual(judge(stored, disturbed), verdict, 'judged again, it is the same');
  const total = Object.values(run.phases ?? {}).reduce((sum, phase) => sum + phase, 0);
  t.true(Math.abs(total - (run.metrics.outage ?? 0)) < 0.001, 'phases add up');
});

/** Whose waits for a processor make a run invalid: a name that is never seen excuses nothing. */
const WITNESSES = [
  ...['the prober of fabric', 'the back ends of fabric', 'trafgen of fabric'],
  ...['amphora-1', 'amphora-2'].flatMap((node) => [`keepalived of ${node}`, `HAProxy of ${node}`]),
];

test('all that an outage may wait for are watched, in a real lab', async (t) => {
  t.timeout(LIMIT_MS);
  disturbedRun ??= oneRun(disturbed);
  const { folder } = await disturbedRun;
  const { history } = await readStoredRun(folder);
  const heard = new Set(
    history.flatMap((entry) => (entry.kind === 'processor watch' ? Object.keys(entry.waitedMs) : [])),
  );
  t.deepEqual(
    WITNESSES.filter((name) => !heard.has(name)),
    [],
  );
});

const tshark = programPath('tshark');
/** Where Wireshark is not installed, its test is skipped. */
const testWithWireshark = tshark ? test : test.skip;

testWithWireshark('Wireshark opens the capture, with the fault as a comment', async (t) => {
  t.timeout(LIMIT_MS);
  disturbedRun ??= oneRun(disturbed);
  const { folder } = await disturbedRun;
  const { stdout } = await execa(tshark ?? '', [
    ...['-r', join(folder, 'capture.pcapng'), '-Y', 'frame.comment', '-T', 'fields', '-e', 'frame.comment'],
  ]);
  t.regex(stdout, /fault: power loss \(amphora-[12]\)/);
});

for (const [what, { end, says }] of Object.entries(LOST)) {
  test(`without ${what}, nothing is said of the system`, async (t) => {
    t.timeout(LIMIT_MS);
    await using seen = await oneRun(bereft(end));
    const { run } = seen;
    t.is(run.status, 'invalid', run.reason);
    t.true(run.reason?.startsWith(says), run.reason);
  });
}
