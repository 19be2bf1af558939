import test from 'ava';
import type { Result, RunResult } from '../../result/result.ts';
import { comparedRuns } from './verdicts.ts';

const KILLED = 'The process that ran it ended: it was killed by SIGKILL';

function result(
  ...runs: readonly Pick<RunResult, 'index' | 'status' | 'reason'>[]
): Pick<Result, 'scenarios'> {
  return { scenarios: [{ runs }] } as unknown as Pick<Result, 'scenarios'>;
}

test('a run that was lost once and then passed is no problem, and its cause is reported', (t) => {
  const { detail, problem } = comparedRuns(
    result(
      { index: 1, status: 'passed' },
      { index: 2, status: 'invalid', reason: KILLED },
      { index: 2, status: 'passed' },
    ),
    { passed: 2, lost: 1 },
  );
  t.false(problem);
  t.is(detail, `2 of 2 passed, 0 failed; 1 invalid and repeated: ${KILLED}`);
});

const PROBLEMS: Readonly<Record<string, Parameters<typeof comparedRuns>[0]>> = {
  'there is no result': undefined,
  'a run has no verdict': result(
    { index: 1, status: 'passed' },
    { index: 2, status: 'invalid', reason: KILLED },
  ),
  'a run failed': result(
    { index: 1, status: 'passed' },
    { index: 2, status: 'invalid', reason: KILLED },
    { index: 2, status: 'failed', reason: 'It was slow.' },
  ),
  'another run was lost too': result(
    { index: 1, status: 'invalid', reason: KILLED },
    { index: 1, status: 'passed' },
    { index: 2, status: 'invalid', reason: KILLED },
    { index: 2, status: 'passed' },
  ),
  'nobody noticed': result({ index: 1, status: 'passed' }, { index: 2, status: 'passed' }),
  'a run is invalid without a cause': result(
    { index: 1, status: 'invalid' },
    { index: 1, status: 'invalid', reason: KILLED },
    { index: 1, status: 'passed' },
    { index: 2, status: 'passed' },
  ),
};

for (const [what, given] of Object.entries(PROBLEMS)) {
  test(`a blow is not survived where ${what}`, (t) => {
    t.true(comparedRuns(given, { passed: 2, lost: 1 }).problem);
  });
}
