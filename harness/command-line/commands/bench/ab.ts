import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type Checkout, checkoutFor } from '../../../compare/bench/checkout.ts';
import { contest, sideOf } from '../../../compare/bench/contest.ts';
import { type Matrix, parseMatrix } from '../../../compare/bench/matrix.ts';
import { type Review, reviewSvg } from '../../../compare/bench/review.ts';
import {
  documentMarkdown,
  pictureOf,
  type ReviewDocument,
  verdictsOf,
} from '../../../compare/bench/review-document.ts';
import { argumentsOf, parseVariant, type Variant } from '../../../compare/bench/variant.ts';
import { environmentDifferences } from '../../../compare/history/two-results.ts';
import { type Result, readResult, UnreadableResult } from '../../../result/result.ts';
import { writeWhole } from '../../../result/write-whole.ts';
import { rejudge } from '../../../run/rejudge.ts';
import { scenariosOrGroups } from '../../../scenario/catalogue.ts';
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
  readonly matrix?: string;
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
    .addOption(
      takes(
        '--matrix <values>',
        'Compares all combinations with the first, such as release=bookworm,trixie;advert_int=1,2.',
        {},
      ),
    )
    .addOption(
      takes('--scenario <scenarios>', 'Runs these scenarios or groups on all, with commas between.', {
        unset: 'master-kill',
      }),
    )
    .addOption(budget('Ends after this time, even without a certain answer.', '20m'))
    .addOption(minimumEffect())
    .addOption(takes('--parallel <n>', 'Runs n labs at once.', { parse: count(LABS_MAX), unset: 4 }))
    .addOption(seed())
    .addOption(reports())
    .addOption(json())
    .example('npm run bench -- --a advert_int=1 --b advert_int=2')
    .example('npm run bench -- --a ref=main --b ref=HEAD --scenario master-kill,port-cut')
    .action(async (options) => finish(await benchAb(options, signal)));
}

/** `bench`: A against B, or a matrix, interleaved, until the answer is certain or the budget spent; writes review.md. */
export async function benchAb(options: BenchOptions, signal: AbortSignal): Promise<number> {
  const { variants, refused } = variantsOf(options);
  const scenarios = (await scenariosOrGroups(options.scenario.split(','))).map(({ name }) => name);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const { folder } = await newReport(options.reports, 'bench');
  const seed = options.seed ?? randomInt(1, 2 ** 30);
  await using checkouts = new AsyncDisposableStack();
  const byRef = new Map<string | undefined, Checkout>();
  for (const variant of variants) {
    const { ref } = variant.system;
    if (!byRef.has(ref)) byRef.set(ref, checkouts.use(await checkoutFor(ref, say)));
  }
  const sides = variants.flatMap((variant) => {
    const checkout = byRef.get(variant.system.ref);
    return checkout ? [{ variant, checkout }] : [];
  });
  let turns = 0;
  const { matches, results } = await contest({
    ...{ scenarios, seed, budgetMs: options.budget, minimumEffectMs: options.minimumEffect, say },
    contenders: sides.map(({ variant, checkout }, n) => ({
      measure(names, turnSeed) {
        const report = join(folder, `turn-${++turns}-${letterOf(n)}`);
        say(`turn ${turns}: ${variant.text}, ${RUNS_PER_TURN} runs of ${names.join(', ')}`);
        const { parallel } = options;
        return turn(checkout, variant, { names, parallel, report, seed: turnSeed, signal });
      },
    })),
  });
  const described = sides.map(({ variant, checkout }, n) => ({
    text: variant.text,
    version: checkout.version,
    system: partsOf(results[n]),
  }));
  const [baseline] = described;
  const command = commandLine(options, seed);
  const reviews = matches.flatMap(({ scenario, contender, standing }): Review[] => {
    const other = described[contender];
    if (!baseline || !other) return [];
    return [
      {
        ...{ scenario, standing, minimumEffectMs: options.minimumEffect, command },
        a: { ...baseline, runs: sideOf(results[0], scenario).runs },
        b: { ...other, runs: sideOf(results[contender], scenario).runs },
        environment: environmentsOf(results[0], results[contender]),
      },
    ];
  });
  const document: ReviewDocument = { reviews, refused, command };
  for (const [n, review] of reviews.entries())
    await writeWhole(join(folder, pictureOf(reviews, n)), reviewSvg(review));
  await writeWhole(join(folder, 'review.md'), documentMarkdown(document));
  const [only] = reviews;
  if (options.json)
    process.stdout.write(
      `${JSON.stringify(reviews.length === 1 && refused.length === 0 ? only : document)}\n`,
    );
  else print(`${[...verdictsOf(document), join(folder, 'review.md')].join('\n')}\n`);
  const verdicts = reviews.map(({ standing }) => standing.difference?.verdict ?? 'undecided');
  const fails = reviews.some(({ standing }) => standing.failures.worse === 'b');
  if (fails || verdicts.includes('slower')) return EXIT.failed;
  return verdicts.includes('undecided') ? EXIT.noVerdict : EXIT.ok;
}

/** The sides of the comparison, the baseline first. @throws UsageError */
function variantsOf({ a, b, matrix }: BenchOptions): Matrix {
  if (matrix !== undefined) {
    if (a !== undefined || b !== undefined) throw new UsageError('Give either --matrix or --a and --b.');
    return parseMatrix('--matrix', matrix, fromUser);
  }
  if (a === undefined || b === undefined) {
    throw new UsageError('bench compares two variants: --a advert_int=1 --b advert_int=2, for example.');
  }
  return { variants: [parseVariant('--a', a, fromUser), parseVariant('--b', b, fromUser)], refused: [] };
}

/** a, b, … in the names of folders; numbers where the alphabet ends. */
function letterOf(n: number): string {
  return n < 26 ? String.fromCharCode(97 + n) : String(n + 1);
}

/** The command that measures the same again. */
function commandLine({ a, b, matrix, scenario }: BenchOptions, seed: number): string {
  const sides = matrix === undefined ? `--a ${a} --b ${b}` : `--matrix '${matrix}'`;
  return `npm run bench -- ${sides} --scenario ${/\s/.test(scenario) ? `'${scenario}'` : scenario} --seed ${seed}`;
}

/** What a side consists of, as its runs found it. */
function partsOf([first]: readonly Result[] = []): readonly string[] {
  if (!first) return [];
  const { keepalived, haproxy } = first.environment.versions;
  const versions = Object.entries({ keepalived, haproxy, ...first.environment.system });
  return versions.flatMap(([part, value]) => (value === undefined ? [] : [`${part} ${value}`]));
}

async function turn(
  checkout: Checkout,
  variant: Variant,
  options: Pick<BenchOptions, 'parallel'> & {
    readonly names: readonly string[];
    readonly report: string;
    readonly seed: number;
    readonly signal: AbortSignal;
  },
): Promise<Result> {
  const { report, seed, signal } = options;
  await checkout.run(
    [
      ...['scenario', ...options.names],
      ...['--runs', String(RUNS_PER_TURN), '--parallel', String(options.parallel), '--seed', String(seed)],
      ...argumentsOf(variant),
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

function environmentsOf([a]: readonly Result[] = [], [b]: readonly Result[] = []): readonly string[] {
  if (!a || !b) return [];
  // What is under test is described with each side.
  const around = ({ environment: { system: _, ...rest } }: Result) => rest;
  return environmentDifferences(around(a), around(b)).filter((text) => !text.startsWith('fingerprint'));
}
