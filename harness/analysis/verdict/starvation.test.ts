import test from 'ava';
import type { Observation } from '../../observations/observation.ts';
import { backup, fault, ns, VIP } from '../timeline/failover.fixture.ts';
import { judge } from './judge.ts';
import { stored } from './stored-run.fixture.ts';

const DETECTED_MS = 3140;
const ADDRESS_MS = DETECTED_MS + 572;
const silent = { model: () => DETECTED_MS };

const watched: Observation = { kind: 'processor watch', atNs: ns(-1000), untilNs: ns(5000), waitedMs: {} };

const waited = (process: string, node: string, untilMs: number, waitedMs: number): Observation => ({
  kind: 'processor',
  atNs: ns(untilMs - 50),
  untilNs: ns(untilMs),
  node,
  process,
  waitedMs,
});

/** The backup is heard just when it is due, and takes the address only after 572 ms. */
const lateAddress: readonly Observation[] = [
  {
    kind: 'frame',
    atNs: ns(DETECTED_MS),
    port: backup.node,
    direction: 'in',
    sourceMac: backup.mac,
    frame: {
      type: 'vrrp',
      version: 2,
      routerId: 1,
      priority: 90,
      advertIntervalMs: 1000,
      sourceIp: backup.vrrpIp,
      destinationIp: '172.16.1.3',
    },
  },
  {
    kind: 'address',
    atNs: ns(ADDRESS_MS),
    node: backup.node,
    change: 'added',
    interface: 'eth1',
    address: VIP,
  },
];

const run = (...more: readonly Observation[]) =>
  judge(stored([...lateAddress, ...more], '', fault, ADDRESS_MS + 8), silent);

test('a backup that had no processor between advertisement and address makes the run invalid, by name', (t) => {
  const judged = run(watched, waited('keepalived', backup.node, ADDRESS_MS + 20, 560));
  t.is(judged.status, 'invalid');
  t.regex(
    judged.reason ?? '',
    /keepalived of amphora-2 waited 5\d\d ms for a processor in the promotion, without which/,
  );
  t.like(judged.starved?.[0], { phase: 'promotion', node: 'amphora-2', process: 'keepalived' });
});

test('a backup that took its time while it had a processor fails, and the promotion is to blame', (t) => {
  const judged = run(watched, waited('keepalived', backup.node, ADDRESS_MS + 20, 3));
  t.is(judged.status, 'failed');
  t.is(Math.round(judged.phases?.promotion ?? 0), 572);
  t.true((judged.metrics.starved ?? 99) <= 3);
});

test("a backup whose request waited for the kernel's network lock makes the run invalid, by that name", (t) => {
  const waiting = waited('keepalived', backup.node, ADDRESS_MS + 2, 566);
  const judged = run(watched, { ...waiting, lock: 'inet_rtm_newaddr' } as Observation);
  t.is(judged.status, 'invalid');
  t.regex(
    judged.reason ?? '',
    /keepalived of amphora-2 waited 56\d ms for the kernel's network lock in the promotion, without which/,
  );
  t.like(judged.starved?.[0], { phase: 'promotion', lock: 'inet_rtm_newaddr' });
  const read = run(watched, { ...waiting, disk: 'folio_wait_bit_common' } as Observation);
  t.is(read.status, 'invalid');
  t.regex(
    read.reason ?? '',
    /keepalived of amphora-2 waited 56\d ms for the disk in the promotion, without which/,
  );
});

test('without a witness nothing is said of waiting', (t) => {
  const judged = run();
  t.is(judged.status, 'failed');
  t.is(judged.metrics.starved, undefined);
});

test('only the process responsible for a phase excuses it', (t) => {
  for (const [process, node] of [
    ['keepalived', 'amphora-1'],
    ['HAProxy', 'amphora-2'],
    ['the agent', 'amphora-2'],
    ['the prober', 'fabric'],
  ] as const) {
    const judged = run(watched, waited(process, node, ADDRESS_MS, 560));
    t.is(judged.status, 'failed', `${process} of ${node}`);
  }
});

test('who waited before it was due, and was ready in time, delayed nothing', (t) => {
  const judged = run(watched, waited('keepalived', backup.node, DETECTED_MS - 100, 1500));
  t.is(judged.status, 'failed');
  t.is(judged.metrics.starved, 0);
});

test('who waits in small pieces waits as long', (t) => {
  const pieces = Array.from({ length: 11 }, (_, n) =>
    waited('keepalived', backup.node, DETECTED_MS + 52 * (n + 1), 49),
  );
  t.is(run(watched, ...pieces).status, 'invalid');
});

test('a request waits for one after the other; two that wait at the same time delay it once', (t) => {
  const late = (...more: readonly Observation[]) =>
    judge(stored([watched, ...more], '', fault, 400), { model: () => 100 });
  const inTurn = late(waited('HAProxy', backup.node, 250, 140), waited('the back ends', 'fabric', 395, 140));
  t.is(inTurn.status, 'invalid', inTurn.reason);
  t.regex(inTurn.reason ?? '', /HAProxy of amphora-2, and others in turn, waited 280 ms for a processor/);
  const beside = late(waited('HAProxy', backup.node, 250, 140), waited('the back ends', 'fabric', 250, 140));
  t.is(beside.status, 'failed');
  t.true((beside.metrics.starved ?? 0) <= 140);
});

test('a prober that waits before each request delays the last one alone', (t) => {
  const slow = (...more: readonly Observation[]) =>
    judge(stored([watched, ...more], '', fault, 900), { model: () => 100 });
  const before = Array.from({ length: 10 }, (_, n) => waited('the prober', 'fabric', 60 * (n + 1), 50));
  t.is(slow(...before).metrics.starved, 0);
  t.is(slow(...before).status, 'failed');
  t.is(slow(waited('the prober', 'fabric', 895, 780)).status, 'invalid');
});

test('back ends that get no processor delay what they answer', (t) => {
  const judged = (process: string) =>
    judge(stored([watched, waited(process, 'fabric', 895, 780)], '', fault, 900), { model: () => 100 });
  t.is(judged('the back ends').status, 'invalid');
  t.is(judged('tcpdump').status, 'failed');
});

test('a node that is starved on purpose excuses itself, and nobody else', (t) => {
  const meant = (node: string): Observation => ({
    kind: 'lab',
    what: 'step',
    name: 'machine starved',
    node,
    atNs: ns(1),
    stalls: true,
  });
  const late = waited('keepalived', backup.node, ADDRESS_MS, 560);
  t.is(run(watched, late, meant(backup.node)).status, 'failed');
  t.is(run(watched, late, meant('amphora-1')).status, 'invalid');
});

test('an outage that is as demanded passes, with and without what was waited', (t) => {
  const judged = judge(
    stored(
      [...lateAddress, watched, waited('keepalived', backup.node, ADDRESS_MS, 30)],
      '',
      fault,
      ADDRESS_MS + 8,
    ),
    { model: () => ADDRESS_MS },
  );
  t.is(judged.status, 'passed');
  t.is(judged.metrics.starved, 0, 'it was ready when it was due');
});

test('a pair that did the unexpected is blamed, unless one of its processes had no processor', (t) => {
  const checks = [{ name: 'the VIP stays', status: 'failed' as const, detail: 'added on amphora-2' }];
  const parted = (waitedMs: number) => {
    const given = stored(
      [...lateAddress, watched, waited('keepalived', 'amphora-1', 2500, waitedMs)],
      '',
      fault,
    );
    return judge({ ...given, facts: { ...given.facts, checks } }, { model: () => 3290 });
  };
  t.is(parted(2300).status, 'invalid');
  t.regex(parted(2300).reason ?? '', /keepalived of amphora-1 waited 2300 ms/);
  t.is(parted(80).status, 'failed');
});
