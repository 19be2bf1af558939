import type { Result, ScenarioResult } from '../../result/result.ts';
import type { Side } from '../history/difference.ts';
import { NOTHING_KNOWN, roundOrder, type Standing, standingOf } from './duel.ts';

/** One of those that are measured: the first is the baseline. */
export interface Contender {
  /** Measures scenarios in a turn, each several times. */
  measure(scenarios: readonly string[], seed: number): Promise<Result>;
}

/** What is known of a scenario and a contender other than the baseline. */
export interface Match {
  readonly scenario: string;
  readonly contender: number;
  readonly standing: Standing;
}

/** How a contest stands. */
export interface Contest {
  readonly matches: readonly Match[];
  /** By contender. */
  readonly results: readonly (readonly Result[])[];
}

/**
 * Measures all contenders in turns until every match is certain, or the budget is spent. A scenario that is certain for
 * a contender is not run there again.
 *
 * @param say called after each round
 */
export async function contest({
  contenders,
  scenarios,
  seed,
  budgetMs,
  minimumEffectMs,
  say,
  nowMs = () => performance.now(),
}: {
  readonly contenders: readonly Contender[];
  readonly scenarios: readonly string[];
  readonly seed: number;
  readonly budgetMs: number;
  readonly minimumEffectMs: number;
  readonly say: (line: string) => void;
  readonly nowMs?: () => number;
}): Promise<Contest> {
  const openedMs = nowMs();
  const results: Result[][] = contenders.map(() => []);
  let matches: readonly Match[] = scenarios.flatMap((scenario) =>
    Array.from(contenders.keys().drop(1), (contender) => ({
      scenario,
      contender,
      standing: NOTHING_KNOWN,
    })),
  );
  let turnMs = 0;
  for (let round = 0; ; round++) {
    const leftMs = budgetMs - (nowMs() - openedMs);
    if (round > 0 && leftMs < 2 * contenders.length * turnMs) break;
    const open = scenarios.map((scenario) => ({
      scenario,
      by: matches.filter((match) => match.scenario === scenario && !match.standing.certain),
    }));
    for (const [n, side] of roundOrder(round, contenders.length).entries()) {
      const wanted = open.filter(({ by }) => by.some(({ contender }) => side === 0 || contender === side));
      if (wanted.length === 0) continue;
      const turnFromMs = nowMs();
      // The first and the second turn of a side in a round have seeds of their own, and all sides the same two.
      const turnSeed = seed + 2 * round + (n < contenders.length ? 0 : 1);
      const names = wanted.map(({ scenario }) => scenario);
      const result = await contenders[side]?.measure(names, turnSeed);
      if (result) results[side]?.push(result);
      turnMs = Math.max(turnMs, nowMs() - turnFromMs);
    }
    // The number of looks follows from the duration of a turn.
    const looks = Math.max(round + 1, Math.floor(budgetMs / (2 * contenders.length * turnMs)));
    const options = { minimumEffectMs, looks, comparisons: matches.length };
    matches = matches.map(({ scenario, contender }) => {
      const [a, b] = [sideOf(results[0], scenario), sideOf(results[contender], scenario)];
      return { scenario, contender, standing: standingOf({ a, b }, options) };
    });
    say(`round ${round + 1}: ${roundText(matches, results)}`);
    if (matches.every(({ standing }) => standing.certain)) break;
  }
  return { matches, results };
}

/** All runs of a scenario. */
export function sideOf(results: readonly Result[] = [], scenario: string): Side {
  const all = results.flatMap(({ scenarios }) => scenarios.filter(({ name }) => name === scenario));
  return {
    runs: all.flatMap(({ runs }) => runs),
    parameters: all[0]?.parameters,
    configurations: all.find(({ configurations }) => configurations)?.configurations,
  };
}

function roundText(matches: readonly Match[], results: readonly (readonly Result[])[]): string {
  const [only] = matches;
  const counts = results.map((all) => all.flatMap(({ scenarios }) => scenarios).reduce(addRuns, 0));
  const runs = `${counts.join(' and ')} runs`;
  if (only && matches.length === 1) return `${runs}, ${only.standing.difference?.verdict ?? 'no run counts'}`;
  const certain = matches.filter(({ standing }) => standing.certain).length;
  return `${runs}, ${certain} of ${matches.length} comparisons certain`;
}

function addRuns(sum: number, { runs }: ScenarioResult): number {
  return sum + runs.length;
}
