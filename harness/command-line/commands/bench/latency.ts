import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { summarise } from '../../../analysis/statistics/summary.ts';
import { type Checkout, checkoutFor } from '../../../compare/bench/checkout.ts';
import { roundOrder } from '../../../compare/bench/duel.ts';
import { parseVariant, type Variant } from '../../../compare/bench/variant.ts';
import { bringAb } from '../../../compare/latency/ab.ts';
import {
  BLOCK_OF,
  closedLoop,
  joined,
  type Measured,
  OCCASIONS,
  type Occasion,
  PATIENCE_MS,
  ROWS,
  RUSH,
  SCHEDULE,
} from '../../../compare/latency/blocks.ts';
import {
  abCommand,
  abPercentiles,
  agreementsWithAb,
  type Told,
} from '../../../compare/latency/cross-check.ts';
import { latencyOf, together } from '../../../compare/latency/latency.ts';
import { LatencyLab } from '../../../compare/latency/latency-lab.ts';
import {
  type LatencyReview,
  type LatencySide,
  latencyReview,
  latencyVerdict,
  MEASURED_HOW,
  ROW_WORDS,
  waitText,
} from '../../../compare/latency/latency-review.ts';
import { type LatencyStanding, latencyStanding } from '../../../compare/latency/standing.ts';
import type { Engine } from '../../../lab/engine/engine.ts';
import { table } from '../../../report/terminal-text.ts';
import { writeWhole } from '../../../result/write-whole.ts';
import { OWN_SYSTEM } from '../../../system/system.ts';
import { UsageError } from '../../../usage-error.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { duration, json, renamed, reports, someOf, takes } from '../../options.ts';
import { fromUser, newReport } from '../../places.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';

const BUDGET_MS = { one: 30_000, two: 600_000 } as const;
const MINIMUM_EFFECT_MS = 0.05;
const MINIMUM_EFFECT_MS_MAX = 60_000;
/** Blocks of each program beside ab. */
const CROSS_CHECKS = 8;
const AB_SECONDS = 2;
/** Blocks of reloads where one system is measured: nine reloads. */
const RELOAD_BLOCKS = 3;

export interface LatencyOptions {
  readonly a?: string;
  readonly b?: string;
  readonly during: readonly Occasion[];
  readonly crossCheck?: boolean;
  /** ms */
  readonly budget?: number;
  /** ms */
  readonly minimumEffect: number;
  readonly reports: string;
  readonly json?: boolean;
}

export function register(bench: TestbedCommand, { finish, signal }: Running): void {
  bench
    .command('latency')
    .description(
      'Measures how long requests wait in steady state, over reloads and over a failover; compares A with B.',
    )
    .addOption(
      takes('--a <variant>', 'The baseline, such as ref=main or haproxy=./haproxy_3.deb.', {
        otherwise: 'one system is measured',
      }),
    )
    .addOption(
      takes('--b <variant>', 'The variant that is compared with it.', {
        otherwise: 'one system is measured',
      }),
    )
    .addOption(
      takes('--during <occasions>', `Measures during these: ${OCCASIONS.join(', ')}.`, {
        ...{ parse: someOf('--during', OCCASIONS), unset: OCCASIONS, otherwise: 'all of them' },
      }),
    )
    .option('--cross-check', 'Measures in turns with ab -c 1 in the same lab, and says whether both agree.')
    .addOption(
      takes('--budget <time>', 'Measures the steady state, or compares A with B, for this time.', {
        ...{ parse: duration, otherwise: '30s; 10m with --a and --b' },
      }),
    )
    .addOption(
      takes('--minimum-effect <ms>', 'Ignores smaller differences of a wait.', {
        ...{ parse: wait, unset: MINIMUM_EFFECT_MS },
      }),
    )
    .addOption(renamed('--seconds <n>', (seconds) => `--budget ${seconds}s`))
    .addOption(reports())
    .addOption(json())
    .example('npm run bench -- latency --budget 30s')
    .example('npm run bench -- latency --a ref=main --b ref=HEAD --during steady,reloads')
    .example('npm run bench -- latency --cross-check')
    .action(async (options) => finish(await benchLatency(options, signal)));
}

/** Reads a wait in ms, such as 0.05. */
function wait(text: string): number {
  const ms = Number(text);
  if (text.trim() !== '' && ms > 0 && ms <= MINIMUM_EFFECT_MS_MAX) return ms;
  throw new InvalidArgumentError(`It must be a number above 0, at most ${MINIMUM_EFFECT_MS_MAX}.`);
}

/** `bench latency`: how long requests wait, of this checkout, of two systems, or beside ab. */
export async function benchLatency(options: LatencyOptions, signal: AbortSignal): Promise<number> {
  const { a, b, crossCheck } = options;
  if ((a === undefined) !== (b === undefined)) {
    const [given, missing] = a === undefined ? ['--b', '--a'] : ['--a', '--b'];
    throw new UsageError(`bench latency compares two variants: ${given} needs ${missing} beside it.`);
  }
  if (a === undefined || b === undefined)
    return inOwnLab(options, signal, crossCheck ? checkWithAb : measureOne);
  if (crossCheck) throw new UsageError('--cross-check measures this checkout; leave --a and --b out.');
  const variants = { a: parseVariant('--a', a, fromUser), b: parseVariant('--b', b, fromUser) };
  return compareTwo(options, variants, signal);
}

const OWN: Variant = { text: 'this checkout', set: [], system: OWN_SYSTEM };
const NOTHING: Measured = { blocks: [], connectionsPerSecond: [] };
const say = (text: string) => process.stderr.write(`${text}\n`);

interface OwnLab {
  readonly engine: Engine;
  readonly lab: LatencyLab;
  /** The report's. */
  readonly folder: string;
}

/** Has a lab of this checkout measured. */
async function inOwnLab(
  options: LatencyOptions,
  signal: AbortSignal,
  measure: (own: OwnLab, options: LatencyOptions, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const { engine } = await workbench();
  const { folder } = await newReport(options.reports, 'latency');
  await using checkout = await checkoutFor(undefined, say);
  await using lab = await LatencyLab.start(engine, checkout, OWN, signal);
  return await measure({ engine, lab, folder }, options, signal);
}

async function measureOne(
  { engine, lab, folder }: OwnLab,
  options: LatencyOptions,
  signal: AbortSignal,
): Promise<number> {
  let measured = NOTHING;
  const measure = async (occasion: Occasion) => {
    measured = joined(measured, await BLOCK_OF[occasion](lab));
    signal.throwIfAborted();
  };
  const untilMs = performance.now() + (options.budget ?? BUDGET_MS.one);
  for (const occasion of options.during) {
    say(`${occasion} …`);
    if (occasion === 'steady')
      do await measure(occasion);
      while (performance.now() < untilMs);
    if (occasion === 'reloads') for (let n = 0; n < RELOAD_BLOCKS; n++) await measure(occasion);
    if (occasion === 'failover') await measure(occasion);
  }
  const rows = rowsOf(measured);
  const rates = measured.connectionsPerSecond;
  const connectionsPerSecond = rates.length > 0 ? summarise(rates).median : null;
  const result = {
    ...{
      engine: engine.describe(),
      programs: await lab.versions(),
      schedule: SCHEDULE,
      patienceMs: PATIENCE_MS,
    },
    ...{ connectionsPerSecond, rows },
  };
  await writeFile(join(folder, 'latency.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return EXIT.ok;
  }
  print(
    [
      table(
        ['waits, ms', 'requests', 'failed', 'p50', 'its 95 % interval', 'p90', 'p99', 'p99.9', 'max'],
        rows.map(({ row, requests, failed, p50, p50Interval, p90, p99, p999, max }) => [
          ...[ROW_WORDS[row], requests, failed, waitText(p50)],
          p50Interval ? p50Interval.map(waitText).join(' to ') : '–',
          ...[p90, p99, p999, max].map(waitText),
        ]),
      ),
      MEASURED_HOW,
      `On a schedule, a request is sent every ${SCHEDULE.intervalMs} ms over a new connection, whatever became of the earlier ones; in a closed loop, one client asks again when it has its answer, as ab -c 1 does.`,
      `The client's own part of a wait, between the accepted connection and its request, is ${waitText(Math.max(...rows.map(({ clientMs }) => clientMs)))} ms in the median at most; it was at most ${waitText(Math.max(...rows.map(({ lateMs }) => lateMs)))} ms late with a request; its capture lost ${rows.reduce((sum, { lostPackets }) => sum + lostPackets, 0)} packets.`,
      ...(connectionsPerSecond === null
        ? []
        : [`${connectionsPerSecond.toFixed(0)} connections a second by ${RUSH.clients} clients`]),
      folder,
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}

function rowsOf({ blocks }: Measured) {
  return ROWS.flatMap((row) => {
    const own = blocks.filter((block) => block.row === row);
    if (own.length === 0) return [];
    const waits = together(own.map((block) => block.waits));
    return {
      row,
      ...latencyOf(waits),
      p50Interval: summarise(own.map((block) => latencyOf(block.waits).p50)).ci95,
      clientMs: waits.clientMs,
      lateMs: Math.max(...own.map(({ lateMs }) => lateMs)),
      lostPackets: waits.lostPackets,
    };
  });
}

async function compareTwo(
  options: LatencyOptions,
  variants: Readonly<Record<'a' | 'b', Variant>>,
  signal: AbortSignal,
): Promise<number> {
  const { engine } = await workbench();
  const { folder } = await newReport(options.reports, 'latency');
  await using a = await checkoutFor(variants.a.system.ref, say);
  await using b = await checkoutFor(variants.b.system.ref, say);
  const checkouts: Readonly<Record<'a' | 'b', Checkout>> = { a, b };
  const start = (side: 'a' | 'b') => LatencyLab.start(engine, checkouts[side], variants[side], signal);
  await using labA = await start('a');
  await using labB = await start('b');
  const labs = { a: labA, b: labB };
  const measured = { a: NOTHING, b: NOTHING };
  const budgetMs = options.budget ?? BUDGET_MS.two;
  const openedMs = performance.now();
  let standing: LatencyStanding;
  let looks = 1;
  for (let round = 0; ; round++) {
    const roundFromMs = performance.now();
    for (const [n, index] of roundOrder(round, 2).entries()) {
      const side = index === 0 ? 'a' : 'b';
      for (const occasion of options.during) {
        // A failover takes as long as all the rest: each side has one in a round.
        if (occasion === 'failover' && n > 1) continue;
        measured[side] = joined(measured[side], await BLOCK_OF[occasion](labs[side]));
        signal.throwIfAborted();
      }
    }
    const roundMs = performance.now() - roundFromMs;
    // The number of looks follows from the duration of a round.
    looks = Math.max(looks, round + 1, Math.floor(budgetMs / roundMs));
    standing = latencyStanding(measured.a, measured.b, { minimumEffectMs: options.minimumEffect, looks });
    const [first] = standing.figures;
    say(
      `round ${round + 1}: ${standing.verdict}${first ? `, p50 ${waitText(summarise(first.a).median)} and ${waitText(summarise(first.b).median)} ms` : ''}`,
    );
    if (standing.certain || budgetMs - (performance.now() - openedMs) < roundMs) break;
  }
  const sideOf = async (side: 'a' | 'b'): Promise<LatencySide> => ({
    ...{ text: variants[side].text, version: checkouts[side].version },
    ...{ programs: await labs[side].versions(), measured: measured[side] },
  });
  const review: LatencyReview = {
    ...{ a: await sideOf('a'), b: await sideOf('b'), standing },
    minimumEffectMs: options.minimumEffect,
    command: commandOf(options),
  };
  await writeWhole(join(folder, 'latency.json'), `${JSON.stringify(review, undefined, 2)}\n`);
  await writeWhole(join(folder, 'review.md'), latencyReview(review));
  if (options.json) process.stdout.write(`${JSON.stringify(review)}\n`);
  else print(`${latencyVerdict(review)}\n${join(folder, 'review.md')}\n`);
  if (standing.verdict === 'slower') return EXIT.failed;
  return standing.verdict === 'undecided' ? EXIT.noVerdict : EXIT.ok;
}

function commandOf({ a, b, during, minimumEffect }: LatencyOptions): string {
  return [
    `npm run bench -- latency --a ${a} --b ${b}`,
    ...(during.length < OCCASIONS.length ? [`--during ${during.join(',')}`] : []),
    ...(minimumEffect === MINIMUM_EFFECT_MS ? [] : [`--minimum-effect ${minimumEffect}`]),
  ].join(' ');
}

/** The same load by ab in the same lab, in turns: its own clock against the kernel's. */
async function checkWithAb(
  { engine, lab, folder }: OwnLab,
  options: LatencyOptions,
  signal: AbortSignal,
): Promise<number> {
  const { host, port } = lab.vip;
  const ab = await bringAb(engine, lab.fabric);
  const told = { ours: [] as Told[], ab: [] as Told[] };
  const program = { kind: 'program', argv: abCommand(ab, `http://${host}:${port}/`, AB_SECONDS) } as const;
  const ask = {
    ours: async () => latencyOf((await closedLoop(lab)).waits ?? { answeredMs: [], failedMs: [] }),
    ab: async () => {
      const load = { regime: program, durationMs: 0, patienceMs: PATIENCE_MS, captured: true };
      return abPercentiles((await lab.load(load)).printed ?? '');
    },
  };
  for (let n = 0; n < CROSS_CHECKS; n++) {
    for (const which of n % 2 === 0 ? (['ours', 'ab'] as const) : (['ab', 'ours'] as const)) {
      told[which].push(await ask[which]());
      signal.throwIfAborted();
    }
    say(
      `[${n + 1}/${CROSS_CHECKS}] p50 ${waitText(told.ours.at(-1)?.p50 ?? 0)} ms, ab ${waitText(told.ab.at(-1)?.p50 ?? 0)} ms`,
    );
  }
  const agreements = agreementsWithAb(told.ours, told.ab);
  await writeFile(
    join(folder, 'latency-cross-check.json'),
    `${JSON.stringify({ agreements, ...told }, undefined, 2)}\n`,
  );
  if (options.json) process.stdout.write(`${JSON.stringify({ agreements })}\n`);
  else {
    print(
      [
        table(
          ['one client, closed loop', 'ours, ms', 'ab -c 1, ms', 'differ by', 'allowed', ''],
          agreements.map(({ percentile, ours, ab, differenceMs, allowedMs, agrees }) => [
            ...[percentile, waitText(ours), waitText(ab), waitText(differenceMs), waitText(allowedMs)],
            agrees ? 'agree' : 'DIFFER',
          ]),
        ),
        `medians of ${CROSS_CHECKS} blocks each, in turns in one lab; ab uses its own clock`,
        folder,
        '',
      ].join('\n'),
    );
  }
  return agreements.every(({ agrees }) => agrees) ? EXIT.ok : EXIT.failed;
}
