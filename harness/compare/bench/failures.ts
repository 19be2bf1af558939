import { fisher, type Share } from '../../analysis/statistics/fisher.ts';
import { isJudged, type MeasuredRun } from '../../result/measured.ts';

/** How many runs of each side failed, and whether that is more than chance. */
export interface Failures {
  readonly a: Share;
  readonly b: Share;
  /** The commonest reason on the side with the larger share. */
  readonly because?: string;
  /** Which side fails more often; absent where chance makes that, too. */
  readonly worse?: 'a' | 'b';
}

/** Compares how often runs fail: an outage as before does not excuse a check that no longer passes. */
export function failuresOf(
  a: readonly MeasuredRun[],
  b: readonly MeasuredRun[],
  { alpha }: { readonly alpha: number },
): Failures {
  const shares = { a: shareOf(a), b: shareOf(b) };
  const more = failingMore(shares);
  const because = commonest(
    (more === 'b' ? b : a).flatMap(({ status, reason }) => (status === 'failed' && reason ? [reason] : [])),
  );
  const certain = fisher(shares.a, shares.b) < alpha;
  return {
    ...shares,
    ...(because !== undefined && { because }),
    ...(certain && { worse: more }),
  };
}

/** `B fails in 8 of 8 runs, A in none of 8: outage as the protocol demands: …`; empty where no run failed. */
export function failuresText(failures: Failures): string {
  const { a, b, because } = failures;
  if (a.those + b.those === 0) return '';
  const count = ({ those, of }: Share) => `${those === 0 ? 'none' : those} of ${of}`;
  const more = failingMore(failures);
  const [worse, other] = more === 'b' ? [b, `A in ${count(a)}`] : [a, `B in ${count(b)}`];
  return `${more.toUpperCase()} fails in ${count(worse)} runs, ${other}${because ? `: ${because}` : ''}`;
}

/** The side with the larger share of failed runs; B where they are equal. */
function failingMore({ a, b }: Pick<Failures, 'a' | 'b'>): 'a' | 'b' {
  const rate = ({ those, of }: Share) => (of === 0 ? 0 : those / of);
  return rate(b) >= rate(a) ? 'b' : 'a';
}

/** A reason of the check that fails most often: figures in reasons differ from run to run. */
function commonest(reasons: readonly string[]): string | undefined {
  const byCheck = Map.groupBy(reasons, (reason) => reason.split(': ', 1)[0]);
  const [reason] = [...byCheck.values()].sort((x, y) => y.length - x.length)[0] ?? [];
  // What was seen instead is in each run's report.
  return reason?.split('; ', 1)[0];
}

function shareOf(runs: readonly MeasuredRun[]): Share {
  const judged = runs.filter(isJudged);
  return { those: judged.filter(({ status }) => status === 'failed').length, of: judged.length };
}
