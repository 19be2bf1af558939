import { join } from 'node:path';
import { type Result, type RunResult, readResult } from '../../result/result.ts';
import type { Blow } from './fault.ts';
import type { Victim } from './victim.ts';

/** How many runs passed, and how many attempts were lost with the process that was at them. */
export interface Expected {
  readonly passed: number;
  /** Absent where it does not matter. */
  readonly lost?: number;
}

/** A fault with the outcome of its runs: survived where each run has its verdict, and none was lost without need. */
export async function withVerdicts(
  { reports }: Pick<Victim, 'reports'>,
  blow: Blow,
  expected: Expected,
): Promise<Blow> {
  const result = await readResult(join(reports, 'latest')).catch(() => undefined);
  const { detail, problem } = comparedRuns(result, expected);
  return {
    ...blow,
    ...(problem && { status: 'failed' as const }),
    detail: blow.status === 'failed' ? `${detail}; ${blow.detail}` : detail,
  };
}

/** The outcome of the runs in a clause, and whether it was unexpected. */
export function comparedRuns(
  result: Pick<Result, 'scenarios'> | undefined,
  expected: Expected,
): { readonly detail: string; readonly problem: boolean } {
  const runs = (result?.scenarios ?? []).flatMap((scenario) => scenario.runs);
  const those = (status: RunResult['status']) => runs.filter((run) => run.status === status);
  const [passed, invalid] = [those('passed').length, those('invalid')];
  const lost = invalid.filter(({ reason = '' }) => reason.startsWith('The process that ran it ended: '));
  const causes = [...Map.groupBy(invalid, ({ reason = 'no reason' }) => reason)].map(
    ([reason, all]) => `; ${all.length} invalid and repeated: ${reason}`,
  );
  return {
    detail: `${passed} of ${expected.passed} passed, ${those('failed').length} failed${causes.join('')}`,
    problem:
      passed !== expected.passed ||
      runs.length !== passed + invalid.length ||
      (expected.lost !== undefined && lost.length !== expected.lost) ||
      invalid.some(({ reason }) => !reason),
  };
}
