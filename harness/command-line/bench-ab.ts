import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type Checkout, checkoutFor } from '../bench/checkout.ts';
import { roundOrder, standingOf } from '../bench/duel.ts';
import { type Review, reviewMarkdown, reviewSvg, verdictOf } from '../bench/review.ts';
import { parseVariant, type Variant } from '../bench/variant.ts';
import { entryOf } from '../history/entry.ts';
import { environmentDifferences } from '../history/two-results.ts';
import { type Result, readResult } from '../report/result.ts';
import { writeWhole } from '../report/write-whole.ts';
import { scenariosNamed } from '../scenario/catalogue.ts';
import { UsageError } from '../scenario/parameters.ts';
import { EXIT } from './errors.ts';
import { newReport } from './places.ts';
import { print } from './print.ts';

/** Runs of one side in a row: as many as fit side by side on a small machine. */
const RUNS_PER_TURN = 4;

export interface BenchOptions {
  readonly a?: string;
  readonly b?: string;
  readonly scenario: string;
  /** ms */
  readonly budget: number;
  readonly minimumEffect: number;
  readonly parallel: number;
  readonly seed?: number;
  readonly reports: string;
  readonly json?: boolean;
}

/** `bench`: A against B, interleaved, until the answer is certain or the budget spent; writes review.md. */
export async function benchAb(options: BenchOptions, signal: AbortSignal): Promise<number> {
  if (options.a === undefined || options.b === undefined) {
    throw new UsageError('bench compares two variants: --a advert_int=1 --b advert_int=2, for example.');
  }
  const sides = { a: parseVariant('--a', options.a), b: parseVariant('--b', options.b) };
  const [chosen] = await scenariosNamed([options.scenario]);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const { folder } = await newReport(options.reports, 'bench');
  const seed = options.seed ?? randomInt(1, 2 ** 30);
  await using a = await checkoutFor(sides.a, say);
  await using b = await checkoutFor(sides.b, say);
  const checkouts = { a, b };
  const results: Record<'a' | 'b', Result[]> = { a: [], b: [] };
  const runsOf = (side: 'a' | 'b') =>
    results[side].flatMap((result) => entryOf(result).scenarios.flatMap(({ runs }) => runs));
  const openedMs = performance.now();
  const samePredictions = sides.a.set.join() === sides.b.set.join();
  let turnMs = 0;
  let standing = standingOf(
    { a: [], b: [] },
    { minimumEffectMs: options.minimumEffect, looks: 1, samePredictions },
  );
  let looks = 1;
  for (let round = 0; ; round++) {
    const leftMs = options.budget - (performance.now() - openedMs);
    if (round > 0 && leftMs < 4 * turnMs) break;
    for (const [n, side] of roundOrder(round).entries()) {
      const turnFromMs = performance.now();
      // The first and the second turn of a side in a round have seeds of their own, and both sides the same two.
      const turnSeed = seed + 2 * round + (n < 2 ? 0 : 1);
      const report = join(folder, `round-${round + 1}-${n + 1}-${side}`);
      results[side].push(
        await turn(checkouts[side], sides[side], { ...options, report, seed: turnSeed, signal }),
      );
      turnMs = Math.max(turnMs, performance.now() - turnFromMs);
    }
    // How often there will be a look is known once a turn's duration is.
    looks = Math.max(looks, round + 1, Math.floor(options.budget / (4 * turnMs)));
    standing = standingOf(
      { a: runsOf('a'), b: runsOf('b') },
      { minimumEffectMs: options.minimumEffect, looks, samePredictions },
    );
    say(
      `round ${round + 1}: ${runsOf('a').length} and ${runsOf('b').length} runs, ${standing.comparison?.verdict ?? 'no run counts'}`,
    );
    if (standing.certain) break;
  }
  const review: Review = {
    scenario: chosen?.name ?? options.scenario,
    a: { text: sides.a.text, version: a.version, runs: runsOf('a') },
    b: { text: sides.b.text, version: b.version, runs: runsOf('b') },
    standing,
    minimumEffectMs: options.minimumEffect,
    environment: environmentsOf(results),
    command: `npm run bench -- --a ${options.a} --b ${options.b} --scenario ${options.scenario} --seed ${seed}`,
  };
  await writeWhole(join(folder, 'review.svg'), reviewSvg(review));
  await writeWhole(join(folder, 'review.md'), reviewMarkdown(review));
  if (options.json) process.stdout.write(`${JSON.stringify(review)}\n`);
  else print(`${verdictOf(review)}\n${join(folder, 'review.md')}\n`);
  if (standing.comparison?.verdict === 'slower') return EXIT.failed;
  return standing.certain ? EXIT.ok : EXIT.noVerdict;
}

async function turn(
  checkout: Checkout,
  variant: Variant,
  options: Pick<BenchOptions, 'scenario' | 'parallel'> & {
    readonly report: string;
    readonly seed: number;
    readonly signal: AbortSignal;
  },
): Promise<Result> {
  const { report, seed, signal } = options;
  await checkout.run(
    [
      'scenario',
      options.scenario,
      ...['--runs', String(RUNS_PER_TURN), '--parallel', String(options.parallel), '--seed', String(seed)],
      ...variant.set.flatMap((pair) => ['--set', pair]),
      ...(variant.image ? ['--image', variant.image] : []),
      ...['--reports', report, '--json'],
    ],
    signal,
  );
  return readResult(join(report, 'latest'));
}

function environmentsOf(results: Record<'a' | 'b', readonly Result[]>): readonly string[] {
  const [a, b] = [results.a[0], results.b[0]];
  return a && b ? environmentDifferences(a.environment, b.environment) : [];
}
