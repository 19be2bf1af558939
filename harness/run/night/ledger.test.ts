import test from 'ava';
import { confirmationMissing, jobsFor } from './ledger.ts';

type Status = 'passed' | 'failed' | 'invalid' | 'skipped';
const scenario = (runs: readonly (readonly [index: number, status: Status])[]) => ({
  name: 'a',
  runs: runs.map(([index, status]) => ({ index, status })) as never,
});
const indexes = (runs: readonly (readonly [number, Status])[], count: number) =>
  jobsFor({ a: count }, [scenario(runs)], 1).a?.map(({ index }) => index);

test('a run that was killed is done under its own number, completed ones are not done again', (t) => {
  t.deepEqual(
    indexes(
      [
        [1, 'passed'],
        [3, 'failed'],
        [4, 'passed'],
      ],
      2,
    ),
    [2, 5],
  );
});

test('a disturbed run is tried as often as is tolerated, and then left', (t) => {
  t.deepEqual(
    indexes(
      [
        [1, 'invalid'],
        [2, 'invalid'],
        [2, 'passed'],
      ],
      1,
    ),
    [1],
  );
  t.deepEqual(
    indexes(
      [
        [1, 'invalid'],
        [1, 'invalid'],
        [1, 'invalid'],
      ],
      1,
    ),
    [2],
  );
});

test('a run has the same phase whenever it is done', (t) => {
  const early = jobsFor({ a: 5 }, [scenario([])], 7).a?.[4];
  const late = jobsFor(
    { a: 1 },
    [
      scenario([
        [1, 'passed'],
        [2, 'passed'],
        [3, 'passed'],
        [4, 'passed'],
      ]),
    ],
    7,
  ).a?.[0];
  t.deepEqual(early, late);
  t.true((early?.phaseShare ?? -1) >= 0.03 && (early?.phaseShare ?? 2) <= 0.93);
});

test('a second batch that was interrupted lacks the rest of its runs', (t) => {
  const runs = scenario([
    [1, 'passed'],
    [2, 'passed'],
    [3, 'passed'],
    [4, 'failed'],
  ]);
  t.deepEqual(confirmationMissing([runs], { confirmation: { a: 3 } }), { a: 6 });
  t.deepEqual(confirmationMissing([runs], { confirmation: {} }), {});
});
