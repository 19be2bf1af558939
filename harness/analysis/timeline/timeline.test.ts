import test from 'ava';
import fc from 'fast-check';
import type { LabObservation, Observation } from '../../observations/observation.ts';
import { backup, fault, master, ns, requests, VIP } from './failover.fixture.ts';
import { type Reading, readTimeline } from './timeline.ts';

const facts = { vip: VIP, master, backup, probeIntervalMs: 10 };

/** The only episode of a history. */
function readOne(entries: readonly Observation[]): Reading {
  const [reading] = readTimeline(entries, facts);
  if (!reading) throw new Error('The history has no episode.');
  return reading;
}

const advertisement = (atMs: number, from: typeof master): Observation => ({
  kind: 'frame',
  atNs: ns(atMs),
  port: from.node,
  direction: 'in',
  sourceMac: from.mac,
  frame: {
    type: 'vrrp',
    version: 2,
    routerId: 1,
    priority: 90,
    advertIntervalMs: 1000,
    sourceIp: from.vrrpIp,
    destinationIp: '',
  },
});
const garp = (atMs: number): Observation => ({
  kind: 'frame',
  atNs: ns(atMs),
  port: backup.node,
  direction: 'in',
  sourceMac: backup.mac,
  frame: {
    type: 'arp',
    operation: 'request',
    senderMac: backup.mac,
    senderIp: facts.vip,
    targetIp: facts.vip,
    gratuitous: true,
  },
});
const vipAdded = (atMs: number): Observation => ({
  kind: 'address',
  atNs: ns(atMs),
  node: backup.node,
  change: 'added',
  interface: 'eth1',
  address: facts.vip,
});
const neighbour = (atMs: number): Observation => ({
  kind: 'neighbour',
  atNs: ns(atMs),
  node: 'router',
  address: facts.vip,
  mac: backup.mac,
  state: 'STALE',
});

const history = [
  fault,
  advertisement(-1400, master),
  advertisement(-400, master),
  advertisement(3248, backup),
  vipAdded(3249),
  garp(3250),
  neighbour(3251),
  ...requests(0, 3260),
];

/** From the fault until the backup was known: its packets are a millisecond apart. */
const silence: Observation = {
  kind: 'silence',
  atNs: ns(-0.5),
  untilNs: ns(3251.5),
  sent: 3252,
  spacingMs: 1.3,
};

test('a failover is read in the terms of its metrics', (t) => {
  const { metrics, over, losses } = readOne(history);
  t.like(metrics, {
    advertPhase: 400,
    detection: 3248,
    vipAdded: 3249,
    firstGarp: 3250,
    neighbourUpdate: 3251,
    firstSuccess: 3260,
    outage: 3250,
    outageFrom: 6,
    lost: 325,
    uncertainty: 10,
  });
  t.true(over);
  t.deepEqual(losses, { 'time-out': 325 });
});

test('a master that is heard while the fault is being made was cut off after that', (t) => {
  const [, ...rest] = history;
  const { metrics } = readOne([{ ...fault, doneNs: ns(66) }, ...rest, advertisement(60, master)]);
  t.is(metrics.advertPhase, -60);
});

test('a fault that is made at once struck when the packet prober was first not answered', (t) => {
  const [, ...rest] = history;
  const wide: LabObservation = { ...fault, atNs: ns(-20), doneNs: ns(30), atOnce: true };
  const cut = readOne([wide, ...rest, silence]);
  t.is(cut.atNs, BigInt(ns(0)));
  t.like(cut, { widthMs: 1.3, metrics: { advertPhase: 400, detection: 3248 } });
  // One that leaves the wire alone, and one that is asked for, are as uncertain as they were long.
  for (const observed of [
    [wide, ...rest],
    [{ ...fault, atNs: ns(-20), doneNs: ns(30) }, ...rest, silence],
  ]) {
    const { atNs, widthMs, metrics } = readOne(observed);
    t.is(atNs, BigInt(ns(-20)));
    t.is(widthMs, 50);
    t.like(metrics, { advertPhase: 380, detection: 3268 });
  }
});

test('an outage is that of a fault whose instant, as the packets tell it, comes after the first answer that was missed', (t) => {
  const heal: LabObservation = {
    ...fault,
    what: 'heal',
    name: 'machine booted',
    atNs: ns(-500),
    doneNs: ns(-300),
  };
  const [healed, struck] = readTimeline(
    [
      heal,
      { ...fault, atOnce: true },
      // Spaced widely, as on a busy machine: an answer was due at 1 ms, and packets say 1.5 ms.
      { kind: 'silence', atNs: ns(0), untilNs: ns(3300), sent: 1100, spacingMs: 3 },
      ...requests(-10, 3300),
    ],
    facts,
  );
  t.is(healed?.metrics.outage, 0);
  t.true((struck?.metrics.outage ?? 0) > 3250, String(struck?.metrics.outage));
});

test('an outage is that of a fault which takes the answer of a request that a busy machine has answered late', (t) => {
  const heal: LabObservation = {
    ...fault,
    what: 'heal',
    name: 'machine booted',
    atNs: ns(-500),
    doneNs: ns(-300),
  };
  const slow: Observation = {
    ...{ kind: 'request', sequence: -1, atNs: ns(-700), dueNs: ns(-700), endNs: ns(-688) },
    ...{ outcome: 'answered', servedBy: master.vrrpIp },
  };
  // Usually answered within 1 ms; the one that was sent at 10 ms has no answer yet when the fault strikes.
  const late = { ...fault, atNs: ns(12), doneNs: ns(13) };
  const [healed, struck] = readTimeline([slow, heal, late, ...requests(0, 3300)], facts);
  t.is(healed?.metrics.outage, 0);
  t.true((struck?.metrics.outage ?? 0) > 3250, String(struck?.metrics.outage));
  // Where answers never take so long, service was gone before.
  const [before] = readTimeline([heal, late, ...requests(0, 3300)], facts);
  t.true((before?.metrics.outage ?? 0) > 3250, String(before?.metrics.outage));
});

test('service that was lost long before the fault counts from when it was', (t) => {
  const { metrics } = readOne([fault, ...requests(-500, 3260)]);
  t.like(metrics, { outage: 3750, outageFrom: -494 });
});

test('the order of the history does not matter', (t) => {
  const { metrics } = readOne(history);
  t.deepEqual(readOne([...history].reverse()).metrics, metrics);
});

test('what was not seen is absent, not zero', (t) => {
  const { metrics } = readOne([fault, ...requests(0, 3260)]);
  t.deepEqual(Object.keys(metrics).sort(), [
    'cutConnections',
    'lost',
    'outage',
    'outageFrom',
    'retried',
    'uncertainty',
  ]);
});

test('a backup has noticed with the VIP at the latest: its advertisements may wait for the MAC of a dead peer', (t) => {
  const rest = [vipAdded(3249), garp(3250), neighbour(3251), ...requests(0, 3260)];
  for (const late of [[], [advertisement(9000, backup)]]) {
    const { phases } = readOne([fault, ...rest, ...late]);
    t.like(phases, { detection: 3243, promotion: 0, announcement: 1 });
  }
});

test('phases add up to the outage, in whatever order its instants were seen', (t) => {
  const instant = fc.double({ min: 1, max: 4500, noNaN: true });
  t.notThrows(() =>
    fc.assert(
      fc.property(instant, instant, instant, instant, (advert, added, arp, entry) => {
        const seen = [fault, advertisement(advert, backup), vipAdded(added), garp(arp), neighbour(entry)];
        const { phases, metrics } = readOne([...seen, ...requests(0, 3260)]);
        const lengths = Object.values(phases ?? {});
        const sum = lengths.reduce((total, length) => total + length, 0);
        return lengths.every((length) => length >= 0) && Math.abs(sum - (metrics.outage ?? 0)) < 1e-6;
      }),
    ),
  );
});

test("the packets' outage is free of the prober's spacing, and its phases add up too", (t) => {
  const { metrics, packetPhases } = readOne([...history, silence]);
  t.true(Math.abs((metrics.packetOutage ?? 0) - 3251) < 1e-6, String(metrics.packetOutage));
  t.is(metrics.packetUncertainty, 1.3);
  const sum = Object.values(packetPhases ?? {}).reduce((total, length) => total + length, 0);
  t.true(Math.abs(sum - (metrics.packetOutage ?? 0)) < 1e-6);
});
