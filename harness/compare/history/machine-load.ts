import { median } from 'simple-statistics';
import type { Comparison } from '../../analysis/statistics/compare.ts';
import { isJudged, type MeasuredRun } from '../../result/measured.ts';

/** A share of time by which the machine was busier, or less so: beyond what one night differs from another by itself. */
const SHIFT_MIN = 0.2;
/** What depends on how fast the machine is just then: a process starts, and answers. */
const PART = 'recovery';

/**
 * Whether a difference moved as the machine's load did: in the part that a busy machine makes longer, and in the
 * direction in which the time changed that processes waited for a processor. It says nothing of the software then.
 */
export function movedWithLoad(
  before: readonly MeasuredRun[],
  after: readonly MeasuredRun[],
  { verdict, blame }: Pick<Comparison, 'verdict' | 'blame'>,
): boolean {
  if (blame?.part !== PART || (verdict !== 'slower' && verdict !== 'faster')) return false;
  const [was, is] = [pressureOf(before), pressureOf(after)];
  if (was === undefined || is === undefined) return false;
  return verdict === 'slower' ? is - was >= SHIFT_MIN : was - is >= SHIFT_MIN;
}

function pressureOf(runs: readonly MeasuredRun[]): number | undefined {
  const known = runs.filter(isJudged).flatMap(({ metrics }) => metrics.pressure ?? []);
  return known.length > 0 ? median(known) : undefined;
}
