import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type Checkout, checkoutFor } from '../../../compare/bench/checkout.ts';
import { roundOrder, type Standing, standingOf } from '../../../compare/bench/duel.ts';
import { type Review, reviewMarkdown, reviewSvg, verdictOf } from '../../../compare/bench/review.ts';
import { parseVariant, type Variant } from '../../../compare/bench/variant.ts';
import { environmentDifferences } from '../../../compare/history/two-results.ts';
import { type Result, readResult, UnreadableResult } from '../../../result/result.ts';
import { writeWhole } from '../../../result/write-whole.ts';
import { rejudge } from '../../../run/rejudge.ts';
import { scenariosNamed } from '../../../scenario/catalogue.ts';
import { systemPairs } from '../../../system/system.ts';
import { UsageError } from '../../../usage-error.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { budget, count, json, LABS_MAX, minimumEffect, reports, seed, takes } from '../../options.ts';
import { fromUser, newReport } from '../../places.ts';
import { print } from '../../print.ts';

/** Runs of one side in a row: as many as run at once on a small machine. */
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

export function register(bench: TestbedCommand, { finish, signal }: Running): void {
  bench
    .command('ab', { isDefault: true })
    .description('Measures A against B in turns until the answer is certain; writes review.md.')
    .addOption(
      takes(
        '--a <variant>',
        'The baseline: parameters such as advert_int=1, or a system such as ref=main, octavia=trixie.',
        {},
      ),
    )
    .addOption(takes('--b <variant>', 'The variant that is compared with it.', {}))
    .addOption(takes('--scenario <scenario>', 'Runs this scenario on both.', { unset: 'master-kill' }))
    .addOption(budget('Ends after this time, even without a certain answer.', '20m'))
    .addOption(minimumEffect())
    .addOption(takes('--parallel <n>', 'Runs n labs at once.', { parse: count(LABS_MAX), unset: 4 }))
    .addOption(seed())
    .addOption(reports())
    .addOption(json())
    .example('npm run bench -- --a advert_int=1 --b advert_int=2')
    .example('npm run bench -- --a ref=main --b ref=HEAD --budget 10m')
    .action(async (options) => finish(await benchAb(options, signal)));
}

/** `bench`: A against B, interleaved, until the answer is certain or the budget spent; writes review.md. */
export async function benchAb(options: BenchOptions, signal: AbortSignal): Promise<number> {
  if (options.a === undefined || options.b === undefined) {
    throw new UsageError('bench compares two variants: --a advert_int=1 --b advert_int=2, for example.');
  }
  const sides = { a: parseVariant('--a', options.a, fromUser), b: parseVariant('--b', options.b, fromUser) };
  const [chosen] = await scenariosNamed([options.scenario]);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const { folder } = await newReport(options.reports, 'bench');
  const seed = options.seed ?? randomInt(1, 2 ** 30);
  await using a = await checkoutFor(sides.a, say);
  await using b = await checkoutFor(sides.b, say);
  const checkouts = { a, b };
  const results: Record<'a' | 'b', Result[]> = { a: [], b: [] };
  const scenariosOf = (side: 'a' | 'b') => results[side].flatMap(({ scenarios }) => scenarios);
  const sideOf = (side: 'a' | 'b') => ({
    runs: scenariosOf(side).flatMap(({ runs }) => runs),
    parameters: scenariosOf(side)[0]?.parameters,
    configurations: scenariosOf(side).find(({ configurations }) => configurations)?.configurations,
  });
  const openedMs = performance.now();
  let turnMs = 0;
  let standing: Standing = { certain: false };
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
    // The number of looks follows from the duration of a turn.
    looks = Math.max(looks, round + 1, Math.floor(options.budget / (4 * turnMs)));
    const duel = { a: sideOf('a'), b: sideOf('b') };
    standing = standingOf(duel, { minimumEffectMs: options.minimumEffect, looks });
    say(
      `round ${round + 1}: ${duel.a.runs.length} and ${duel.b.runs.length} runs, ${standing.difference?.verdict ?? 'no run counts'}`,
    );
    if (standing.certain) break;
  }
  const review: Review = {
    scenario: chosen?.name ?? options.scenario,
    a: { text: sides.a.text, version: a.version, runs: sideOf('a').runs },
    b: { text: sides.b.text, version: b.version, runs: sideOf('b').runs },
    standing,
    minimumEffectMs: options.minimumEffect,
    environment: environmentsOf(results),
    command: `npm run bench -- --a ${options.a} --b ${options.b} --scenario ${options.scenario} --seed ${seed}`,
  };
  await writeWhole(join(folder, 'review.svg'), reviewSvg(review));
  await writeWhole(join(folder, 'review.md'), reviewMarkdown(review));
  if (options.json) process.stdout.write(`${JSON.stringify(review)}\n`);
  else print(`${verdictOf(review)}\n${join(folder, 'review.md')}\n`);
  const verdict = standing.difference?.verdict ?? 'undecided';
  if (verdict === 'slower') return EXIT.failed;
  return verdict === 'undecided' ? EXIT.noVerdict : EXIT.ok;
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
      ...systemPairs({ ...variant.system, ref: undefined }).flatMap((pair) => ['--with', pair]),
      ...['--reports', report, '--json'],
    ],
    signal,
  );
  return judgedHere(join(report, 'latest'));
}

/** Both sides are judged by this version, so that what differs is the systems and not their instruments. */
async function judgedHere(folder: string): Promise<Result> {
  try {
    return await rejudge(folder);
  } catch (error) {
    // A side may have a scenario that this version does not know.
    if (error instanceof UnreadableResult) return readResult(folder);
    throw error;
  }
}

function environmentsOf(results: Record<'a' | 'b', readonly Result[]>): readonly string[] {
  const [a, b] = [results.a[0], results.b[0]];
  return a && b ? environmentDifferences(a.environment, b.environment) : [];
}
