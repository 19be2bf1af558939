import test from 'ava';
import { OUTCOMES, outcome, scenarioWith } from './card.fixture.ts';
import { isAsPredicted, isUnserved, outcomeJson } from './outcome.ts';

test('a move is the VIP on another node; who took it last holds it', (t) => {
  const [moved] = OUTCOMES;
  t.like(moved?.measured, { moves: true, holder: 'b', outageMs: 3100, over: true });
  t.true(moved && isAsPredicted(moved));
  const [, stayed] = OUTCOMES;
  t.like(stayed?.measured, { moves: false, holder: 'a', over: false });
  t.true(stayed && isUnserved(stayed) && isAsPredicted(stayed));
});

test('the return is read from the repair, and the split before it', (t) => {
  const both = scenarioWith(
    [
      { outage: 0, vipAdded: 3000 },
      { kind: 'heal', atMs: 5000, outage: 0, vipAdded: 3200 },
    ],
    [
      [3000, 'b', 'VIP added'],
      [8200, 'a', 'VIP added'],
      [8201, 'b', 'VIP removed'],
    ],
  );
  t.like(outcome('peers-cut', both).measured, { moves: true, holder: 'b' });
  t.like(outcome('return', both).measured, { moves: true, holder: 'a' });
});

test('another that takes the address for a moment moves nothing', (t) => {
  const healed = scenarioWith(
    [
      { outage: 0, vipAdded: 3000 },
      { kind: 'heal', atMs: 5000, outage: 0, vipAdded: 10 },
    ],
    [
      [3000, 'b', 'VIP added'],
      [5010, 'c', 'VIP added'],
      [5300, 'b', 'VIP removed'],
      [5301, 'c', 'VIP removed'],
    ],
  );
  t.like(outcome('peers-back', healed).measured, { moves: false, holder: 'a' });
});

test('a move to another node than predicted is not as predicted', (t) => {
  const elsewhere = outcome(
    'power-off',
    scenarioWith([{ outage: 3100, vipAdded: 3090 }], [[3090, 'c', 'VIP added']]),
  );
  t.false(isAsPredicted(elsewhere));
});

test('of two whose timers end at about the same time, either may hold the address', (t) => {
  const nodes = [110, 100, 90].map((priority) => ({ priority }));
  const splitTo = (node: string) =>
    outcome('peers-cut', scenarioWith([{ outage: 0, vipAdded: 3600 }], [[3600, node, 'VIP added']]), nodes);
  t.deepEqual(
    ['b', 'c', 'd'].map((node) => isAsPredicted(splitTo(node))),
    [true, true, false],
  );
});

test('a figure that is not as predicted is named so', (t) => {
  const late = outcome('power-off', scenarioWith([{ outage: 9000, vipAdded: 3000 }]));
  t.false(isAsPredicted(late));
  const moved = outcome('haproxy-dead', scenarioWith([{ outage: 3000, vipAdded: 3000 }]));
  t.false(isAsPredicted(moved));
  t.is(isAsPredicted(outcome('power-off')), undefined);
});

test('an address that is to come back later than the scenario watches is not measured', (t) => {
  const seen = scenarioWith(
    [
      { outage: 0, vipAdded: 3000 },
      { kind: 'heal', atMs: 5000, outage: 0 },
    ],
    [
      [3000, 'b', 'VIP added'],
      [6000, 'b', 'VIP removed'],
    ],
  );
  t.regex(outcome('return', seen).missing ?? '', /does not watch long enough: .* after 3\.61 s/);
});

test('an outage that began before the event is not its own', (t) => {
  const early = outcome('power-off', scenarioWith([{ outage: 2300, outageFrom: -2006, vipAdded: 320 }]));
  t.regex(early.missing ?? '', /without service already 2\.01 s before it/);
});

test('a scenario that ends within an outage says nothing about its end', (t) => {
  const cut = outcome('return', scenarioWith([{ outage: 45, over: false, vipAdded: 300 }]));
  t.false(isUnserved(cut));
  t.regex(
    outcome('power-off', scenarioWith([{ outage: 45, over: false }])).missing ?? '',
    /ended 45 ms after/,
  );
});

test('an event has the keys of the contract, and null where something is not known', (t) => {
  const [moved, stayed, missing] = OUTCOMES.map(outcomeJson);
  t.like(moved, {
    ...{ event: 'power-off', target: 'a', moves: true, holder: 'b', outageMs: 3100, asPredicted: true },
    predicted: { moves: true, holder: 'b', outage: { min: 2617.1875, max: 3617.1875 } },
  });
  t.like(stayed, {
    ...{ event: 'haproxy-dead', moves: false, holder: 'a', served: false },
    predicted: { moves: false, holder: 'a', outage: { min: null, max: null } },
    because: 'chk has weight −2: 101 − 2 = 99 is still above 98 (a/etc/keepalived/keepalived.conf:3).',
    advice: 'Give it a weight below −3, or none.',
  });
  t.like(missing, { moves: null, outageMs: null, missing: 'The machine was too busy.' });
});

test('a pair that serves nobody before an event is said to, with what clients saw', (t) => {
  const [run] = scenarioWith([], [], 'failed').runs;
  const reason =
    'traffic served before the fault: no 10 requests in a row were answered within 30000 ms; seen meanwhile, the nearest first: 2998 × request failed (ECONNREFUSED), 3299 × TCP rst ack to router.';
  const unserved = { ...scenarioWith([]), runs: run ? [{ ...run, reason }] : [] };
  t.is(outcome('power-off', unserved).missing, reason);
});
