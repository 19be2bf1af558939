import test from 'ava';
import type { Observation } from '../observe/observation.ts';
import { backup, fault, master, ns, requests, VIP } from '../timeline/failover.fixture.ts';
import type { StoredRun } from './facts.ts';
import { judge } from './judge.ts';

function stored(more: readonly Observation[] = [], journal = '', struck = fault): StoredRun {
  return {
    history: [struck, ...requests(0, 3300), ...more],
    journals: { 'amphora-1': '', 'amphora-2': journal },
    configurations: {},
    facts: {
      factsVersion: 1,
      scenario: 'master-kill',
      index: 1,
      phaseShare: 0.5,
      parameters: { advert_int: 1, vrrp_version: 2 },
      probe: { intervalMs: 10, timeoutMs: 100 },
      checks: [],
      measures: {},
      pair: {
        vip: VIP,
        master: { ...master, priority: 100 },
        backup: { ...backup, priority: 90 },
      },
      labUpMs: 1,
      wallMs: 1,
      versions: {},
      journals: {},
      configurations: {},
    },
  };
}

const stall = (node: string, fromMs: number, toMs: number): Observation => ({
  kind: 'stall',
  node,
  atNs: ns(fromMs),
  untilNs: ns(toMs),
  detail: 'its processes were frozen',
});

test('an outage within what is demanded passes, and the excess is what lies beyond', (t) => {
  const run = judge(stored(), () => 3280);
  t.is(run.status, 'passed');
  t.is(run.metrics.excess, 20);
});

test('an outage far beyond fails, and says by how much', (t) => {
  const run = judge(stored(), () => 2000);
  t.is(run.status, 'failed');
  t.regex(run.reason ?? '', /measured 3300\.0 ms, demanded 2000\.0/);
});

test('an amphora that was held up makes a run invalid, whatever it measured', (t) => {
  for (const demanded of [2000, 3280]) {
    const run = judge(stored([stall('amphora-2', 500, 2500)]), () => demanded);
    t.is(run.status, 'invalid');
    t.regex(run.reason ?? '', /held amphora-2 up for 2000 ms/);
  }
});

test('a stall that the fault is meant to make disturbs nothing', (t) => {
  const meant = { ...fault, stalls: true } as const;
  t.is(judge(stored([stall('amphora-1', 1, 3000)], '', meant), () => 3280).status, 'passed');
});

test('a fault that the machine took its time to make says nothing of the failover', (t) => {
  const slow = { ...fault, doneNs: ns(205), atOnce: true } as const;
  const run = judge(stored([], '', slow), () => 3280);
  t.is(run.status, 'invalid');
  t.regex(run.reason ?? '', /the fault took 205 ms to make/);
  const asked = { ...fault, doneNs: ns(205) };
  t.is(judge(stored([], '', asked), () => 3280).status, 'passed', 'an agent that is asked may take its time');
});

test('the fabric may be late while nothing is measured', (t) => {
  t.is(judge(stored([stall('fabric', -3000, -2000)]), () => 3280).status, 'passed');
  t.is(judge(stored([stall('fabric', 100, 400)]), () => 3280).status, 'invalid');
});

test('a wall clock that was stepped leaves no figure to be believed', (t) => {
  const run = judge(stored([{ kind: 'clock step', atNs: ns(-5000), byMs: -3_600_000 }]), () => 3280);
  t.is(run.status, 'invalid');
  t.regex(run.reason ?? '', /stepped by -3600000 ms/);
});

test("keepalived's word that its timers were late makes a run invalid", (t) => {
  const run = judge(stored([], 'Keepalived_vrrp: A thread timer expired 1.2 seconds ago\n'), () => 3280);
  t.is(run.status, 'invalid');
});

test('where an observer of ours did not keep up, nothing is said of the system', (t) => {
  const run = stored();
  const failure = {
    name: 'InstrumentLate',
    message: 'The capture at the switch did not start within 5000 ms.',
  };
  for (const facts of [
    { ...run.facts, failure },
    { ...run.facts, failure, pair: undefined },
  ]) {
    const judged = judge({ ...run, facts }, () => 3280);
    t.deepEqual([judged.status, judged.reason], ['invalid', failure.message]);
  }
  const other = { name: 'NotObserved', message: 'an advertisement of amphora-2 was not seen' };
  t.is(judge({ ...run, facts: { ...run.facts, failure: other } }, () => 3280).status, 'failed');
});

test('a run is judged alike each time', (t) => {
  const run = stored([stall('amphora-2', 500, 2500)]);
  t.is(JSON.stringify(judge(run, () => 1)), JSON.stringify(judge(run, () => 1)));
});

test('the protocol demands what the rendered configuration says, not what was asked for', (t) => {
  const conf = (priority: number) =>
    `vrrp_instance x {\n  version 3\n  priority ${priority}\n  advert_int 0.5\n}\n`;
  const run: StoredRun = {
    ...stored(),
    configurations: {
      'amphora-1': { keepalived: conf(100), haproxy: '' },
      'amphora-2': { keepalived: conf(80), haproxy: '' },
    },
  };
  let known: unknown;
  judge(run, (given) => {
    known = given;
    return 0;
  });
  t.like(known, { advertIntMs: 500, backupPriority: 80, parameters: { vrrp_version: 3, advert_int: 0.5 } });
});
