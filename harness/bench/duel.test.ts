import test from 'ava';
import { drawnRuns } from '../history/real-runs.fixture.ts';
import { randomFrom } from '../scenario/phases.ts';
import { roundOrder, standingOf } from './duel.ts';

const OPTIONS = { minimumEffectMs: 50, looks: 6, samePredictions: true };

test('sixteen runs a side show a detection that takes 10 % longer, and blame it', (t) => {
  const random = randomFrom(21);
  const duel = { a: drawnRuns(16, random), b: drawnRuns(16, random, { detection: 1.1 }) };
  const { comparison, certain, metric } = standingOf(duel, OPTIONS);
  t.deepEqual([certain, comparison?.verdict, metric], [true, 'slower', 'excess']);
  t.is(comparison?.blame?.part, 'detection');
});

test('equal sides are called the same, and the duel is over', (t) => {
  const random = randomFrom(22);
  const { comparison, certain } = standingOf({ a: drawnRuns(16, random), b: drawnRuns(16, random) }, OPTIONS);
  t.deepEqual([certain, comparison?.verdict], [true, 'same']);
});

test('a few runs decide nothing', (t) => {
  const random = randomFrom(23);
  t.false(standingOf({ a: drawnRuns(2, random), b: drawnRuns(2, random) }, OPTIONS).certain);
  t.false(standingOf({ a: [], b: [] }, OPTIONS).certain);
});

test('each side has as many first and last places as the other', (t) => {
  const order = [0, 1].flatMap(roundOrder);
  const sum = (side: 'a' | 'b') => order.reduce((total, each, n) => total + (each === side ? n : 0), 0);
  t.is(sum('a'), sum('b'));
});
