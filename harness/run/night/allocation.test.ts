import test from 'ava';
import { nextRuns, type Standing, uncertaintyOf } from './allocation.ts';

const standing = (name: string, values: number[], more: Partial<Standing> = {}): Standing => ({
  name,
  sample: { values },
  done: values.length,
  runMs: 10_000,
  skipped: false,
  ...more,
});
const options = { places: 6, leftMs: 3_600_000, minimumEffectMs: 50 };
const NARROW = [1, 2, 3, 4, 5, 6];
const WIDE = [0, 100, 200, 300, 400, 500];

test('a night begins with every scenario before any has a second run', (t) => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const runs = nextRuns(
    names.map((name) => standing(name, [])),
    options,
  );
  t.deepEqual(runs, Object.fromEntries(names.map((name) => [name, 1])));
});

test('then runs go where uncertainty is largest', (t) => {
  const wider = WIDE.map((value) => value * 4);
  const runs = nextRuns(
    [standing('narrow', NARROW), standing('wide', WIDE), standing('wider', wider)],
    options,
  );
  t.is(runs.narrow, undefined);
  t.true((runs.wider ?? 0) > (runs.wide ?? 0), JSON.stringify(runs));
});

test('of two equally uncertain scenarios, the quicker one gets more', (t) => {
  const runs = nextRuns([standing('slow', WIDE, { runMs: 60_000 }), standing('quick', WIDE)], options);
  t.true((runs.quick ?? 0) > (runs.slow ?? 0), JSON.stringify(runs));
});

test('nothing is begun that would not end in the budget, nor what this machine cannot run', (t) => {
  t.deepEqual(nextRuns([standing('a', [])], { ...options, leftMs: 5000 }), {});
  t.deepEqual(nextRuns([standing('a', [], { skipped: true })], options), {});
});

test('a night of nothing but certain scenarios is over', (t) => {
  t.deepEqual(nextRuns([standing('a', NARROW), standing('b', NARROW)], options), {});
});

test('too few values have no interval, and are as uncertain as can be', (t) => {
  t.is(uncertaintyOf({ values: [1, 2, 3, 4, 5] }, 50), Number.POSITIVE_INFINITY);
  t.true(uncertaintyOf({ values: NARROW }, 50) < 1);
});

test('a service that returns now and then is uncertain, one that never returns is not', (t) => {
  const atLeast = [30_000, 30_000, 30_000, 30_000];
  t.is(uncertaintyOf({ values: [1, 2, 3], atLeast }, 50), Number.POSITIVE_INFINITY);
  t.is(uncertaintyOf({ values: [], atLeast: [...atLeast, ...atLeast] }, 50), 0);
});
