import test from 'ava';
import fc from 'fast-check';
import { randomFrom } from '../../scenario/phases.ts';
import { Pace } from './pace.ts';
import { search, shorter, storiesOf } from './search.ts';
import { asCode, type Move, sensible } from './steps.ts';

const STOP: Move = { word: 'stopService', on: 'master' };
const FREEZE: Move = { word: 'freeze', on: 'backup' };
const CUT: Move = { word: 'cutPort', on: 'backup' };
const RAISE: Move = { word: 'raisePort', on: 'backup' };
const always = () => true;

/** A system in which some steps together break an invariant. */
function brokenBy(...culprits: readonly Move[]) {
  const told: string[] = [];
  return {
    told,
    tell: async (steps: readonly Move[]) => {
      const words = steps.map(asCode);
      told.push(words.join());
      return culprits.every((culprit) => words.includes(asCode(culprit))) ? { broken: words.join() } : {};
    },
  };
}

test('what one step breaks is found as that one step, whatever the seed, before any longer story', async (t) => {
  for (const seed of [1, 2, 3]) {
    const { told, tell } = brokenBy(STOP);
    const found = await search(storiesOf(seed), tell, always, () => {});
    t.deepEqual(found?.steps, [STOP]);
    t.true(told.length <= 9);
  }
});

test('what needs two steps is shrunk to these two, and no story is run twice', async (t) => {
  const { told, tell } = brokenBy(STOP, FREEZE);
  const found = await search(storiesOf(5), tell, always, () => {});
  t.deepEqual(found?.steps.map(asCode).sort(), [FREEZE, STOP].map(asCode));
  t.is(new Set(told).size, told.length);
});

test('stories told side by side find what they find one after another, in whichever order verdicts come', async (t) => {
  for (const seed of [1, 2, 3, 4]) {
    const alone = await search(storiesOf(seed), brokenBy(STOP, FREEZE).tell, always, () => {});
    const random = randomFrom(seed);
    const { told, tell } = brokenBy(STOP, FREEZE);
    const late = async (steps: readonly Move[]) => {
      const verdict = tell(steps);
      for (let turns = Math.floor(random() * 40); turns > 0; turns--) await undefined;
      return verdict;
    };
    const together = await search(storiesOf(seed), late, always, () => {}, 6);
    t.deepEqual(together, alone);
    t.is(new Set(told).size, told.length);
  }
});

test('where the time is over, the story that was found is given as it is', async (t) => {
  const { told, tell } = brokenBy(STOP, FREEZE);
  const long = [CUT, RAISE, STOP, FREEZE];
  const found = await search(
    [long],
    tell,
    () => told.length === 0,
    () => {},
  );
  t.deepEqual(found?.steps, long);
  t.is(
    await search(
      [long],
      tell,
      () => false,
      () => {},
    ),
    undefined,
  );
});

test('the first story that would not end in time ends the search, also where shorter ones follow', async (t) => {
  const { told, tell } = brokenBy(RAISE);
  const fits = (steps: readonly Move[]) => steps.length < 2;
  t.is(await search([[STOP], [CUT, RAISE], [FREEZE]], tell, fits, () => {}), undefined);
  t.deepEqual(told, [asCode(STOP)]);
});

test('a story takes as long as the longest so far, and longer where it has more steps than any', (t) => {
  const pace = new Pace();
  t.is(pace.expectedMs(3), 0, 'nothing is known yet');
  pace.took(1, 10_000);
  pace.took(1, 12_000);
  t.deepEqual([pace.expectedMs(1), pace.expectedMs(3)], [12_000, 36_000]);
  pace.took(3, 20_000);
  t.deepEqual([pace.expectedMs(1), pace.expectedMs(3), pace.expectedMs(6)], [20_000, 20_000, 40_000]);
});

test('shorter stories make sense, and the shortest come first', (t) => {
  t.deepEqual(shorter([CUT, RAISE]), [[CUT]]);
  const lengths = shorter([CUT, RAISE, STOP, FREEZE]).map(({ length }) => length);
  t.deepEqual(lengths, [...lengths].sort());
});

test('a seed tells the same stories again, and all of them make sense', (t) => {
  const some = (seed: number) => storiesOf(seed).take(60).toArray();
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.nat(1000), (seed) =>
        some(seed).every((steps) => sensible(steps).length === steps.length),
      ),
      { numRuns: 20 },
    ),
  );
  t.deepEqual(some(7), some(7));
  t.notDeepEqual(some(7), some(8));
});
