import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { drawnRuns, settingsWith } from '../history/real-runs.fixture.ts';
import { type Duel, roundOrder, standingOf } from './duel.ts';

const OPTIONS = { minimumEffectMs: 50, looks: 6 };
/** (90 − 40)/256 s of skew. */
const DEMANDED_MS = 195.3;

/** A side whose backup has this priority. */
const side = (runs: Duel['a']['runs'], priority = 90) => ({
  runs,
  parameters: { advert_int: 1 },
  configurations: { 'amphora-2': { 'keepalived.conf': settingsWith(priority) } },
});

test('sixteen runs a side show a detection that takes 10 % longer, and blame it', (t) => {
  const random = randomFrom(21);
  const duel = { a: side(drawnRuns(16, random)), b: side(drawnRuns(16, random, { detection: 1.1 })) };
  const { difference, certain } = standingOf(duel, OPTIONS);
  t.deepEqual([certain, difference?.verdict, difference?.metric], [true, 'slower', 'outage']);
  t.is(difference?.software.blame?.part, 'detection');
  t.deepEqual(difference?.demanded, { min: 0, max: 0 });
});

test('a lower priority makes a side slower by what it demands, and software is the same', (t) => {
  const random = randomFrom(24);
  const b = side(drawnRuns(16, random, {}, { moreMs: DEMANDED_MS }), 40);
  const { difference, certain } = standingOf({ a: side(drawnRuns(16, random)), b }, OPTIONS);
  t.like(difference, { verdict: 'slower', software: { verdict: 'same' } });
  t.deepEqual(difference?.settings, ['amphora-2, keepalived.conf: priority 90 → 40']);
  t.true(Math.abs((difference?.demanded?.min ?? 0) - DEMANDED_MS) < 0.1);
  t.true(Math.abs((difference?.comparison.effect ?? 0) - DEMANDED_MS) < 15);
  t.true(certain);
});

test('equal sides are called the same, and the duel is over', (t) => {
  const random = randomFrom(22);
  const duel = { a: side(drawnRuns(16, random)), b: side(drawnRuns(16, random)) };
  const { difference, certain } = standingOf(duel, OPTIONS);
  t.deepEqual([certain, difference?.verdict], [true, 'same']);
});

test('a few runs decide nothing about software, and are enough for what the configuration demands', (t) => {
  const random = randomFrom(23);
  const [a, b] = [side(drawnRuns(2, random)), side(drawnRuns(2, random))];
  t.like(standingOf({ a, b }, OPTIONS), { certain: false, difference: { verdict: 'undecided' } });
  const told = standingOf({ a, b: side(drawnRuns(1, random, {}, { moreMs: DEMANDED_MS }), 40) }, OPTIONS);
  t.like(told, { certain: false, difference: { verdict: 'slower', software: { verdict: 'undecided' } } });
  t.false(standingOf({ a: side([]), b: side([]) }, OPTIONS).certain);
});

test('a side whose runs fail is worse though its outage is as before, and the duel is over', (t) => {
  const random = randomFrom(26);
  const failing = drawnRuns(8, random).map((run, n) => ({
    ...run,
    status: 'failed' as const,
    reason: n === 0 ? 'no request is answered twice: 3 were' : `a single master: for ${n} ms there were two`,
  }));
  const { difference, failures, certain } = standingOf(
    { a: side(drawnRuns(8, random)), b: side(failing) },
    OPTIONS,
  );
  t.not(difference?.verdict, 'slower');
  t.like(failures, { worse: 'b', a: { those: 0, of: 8 }, b: { those: 8, of: 8 } });
  t.is(failures.because, 'a single master: for 1 ms there were two');
  t.true(certain);
  const { failures: once } = standingOf(
    { a: side(drawnRuns(8, random)), b: side([...drawnRuns(7, random), ...failing.slice(0, 1)]) },
    OPTIONS,
  );
  t.like(once, { worse: undefined, b: { those: 1, of: 8 } });
});

test('each side has as many first and last places as the other', (t) => {
  const order = [0, 1].flatMap((round) => roundOrder(round, 2));
  const sum = (which: number) => order.reduce((total, each, n) => total + (each === which ? n : 0), 0);
  t.is(sum(0), sum(1));
});
