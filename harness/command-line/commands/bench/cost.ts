import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { type Checkout, checkoutFor } from '../../../compare/bench/checkout.ts';
import { roundOrder } from '../../../compare/bench/duel.ts';
import { argumentsOf, parseVariant, type Variant } from '../../../compare/bench/variant.ts';
import { type Cost, costOf, perRun, WAYS, type Way } from '../../../compare/cost/account.ts';
import {
  COUNTED,
  type CostReview,
  costMarkdown,
  costRows,
  machineLines,
  ratios,
  shareRows,
  timingRows,
} from '../../../compare/cost/cost-report.ts';
import { metered } from '../../../compare/cost/meter.ts';
import type { Engine } from '../../../lab/engine/engine.ts';
import { table } from '../../../report/terminal-text.ts';
import { readResult } from '../../../result/result.ts';
import { writeWhole } from '../../../result/write-whole.ts';
import { OWN_SYSTEM } from '../../../system/system.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { count, json, LABS_MAX, reports, someOf, takes } from '../../options.ts';
import { fromUser, newReport } from '../../places.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';

const ROUNDS_MAX = 100;
const ROUNDS = 4;
const PARALLEL = 4;
/** Runs of each lab, where labs run more than one. */
const RUNS_PER_LAB = { single: 1, parallel: 2, reuse: 4 } as const;

export interface CostOptions {
  readonly a?: string;
  readonly b?: string;
  readonly ways: readonly Way[];
  readonly rounds: number;
  readonly parallel: number;
  readonly reports: string;
  readonly json?: boolean;
}

export function register(bench: TestbedCommand, { finish, signal }: Running): void {
  bench
    .command('cost')
    .description('Measures the processor time per valid master kill, by program; compares A with B.')
    .addOption(takes('--a <variant>', 'Measures this, such as ref=HEAD.', { otherwise: 'this checkout' }))
    .addOption(
      takes('--b <variant>', 'Compares it with this, in turns, such as ref=main.', {
        otherwise: 'one system is measured',
      }),
    )
    .addOption(
      takes('--ways <ways>', `Measures in these ways: ${WAYS.join(', ')}.`, {
        ...{ parse: someOf('--ways', WAYS), unset: WAYS, otherwise: 'all of them' },
      }),
    )
    .addOption(
      takes('--rounds <n>', 'Measures each way n times; an interval needs 4.', {
        ...{ parse: count(ROUNDS_MAX), unset: ROUNDS },
      }),
    )
    .addOption(
      takes('--parallel <n>', 'Runs n labs at once where there are several.', {
        ...{ parse: count(LABS_MAX), unset: PARALLEL },
      }),
    )
    .addOption(reports())
    .addOption(json())
    .example('npm run bench -- cost --ways single --rounds 1')
    .example('npm run bench -- cost --b ref=main')
    .action(async (options) => finish(await benchCost(options, signal)));
}

const OWN: Variant = { text: 'this checkout', set: [], system: OWN_SYSTEM };
const say = (text: string) => process.stderr.write(`${text}\n`);

/** `bench cost`: what master kills take of the processors, of one system or of two in turns. */
export async function benchCost(options: CostOptions, signal: AbortSignal): Promise<number> {
  const variants = [
    options.a === undefined ? OWN : parseVariant('--a', options.a, fromUser),
    ...(options.b === undefined ? [] : [parseVariant('--b', options.b, fromUser)]),
  ];
  const { engine } = await workbench();
  const { folder } = await newReport(options.reports, 'cost');
  await using stack = new AsyncDisposableStack();
  const sides: Side[] = [];
  for (const variant of variants)
    sides.push({
      ...{ variant, checkout: stack.use(await checkoutFor(variant.system.ref, say)) },
      costs: { single: [], parallel: [], reuse: [] },
    });
  const seed = randomInt(1, 2 ** 30);
  let turns = 0;
  for (let round = 0; round < options.rounds; round++) {
    for (const way of options.ways) {
      // A B in one round, B A in the next.
      const order = roundOrder(round, sides.length).slice(0, sides.length);
      for (const n of order) {
        const side = sides[n];
        if (!side) continue;
        const report = join(folder, `turn-${++turns}-${'ab'[n]}-${way}`);
        const cost = await measure(engine, side, way, { ...options, seed: seed + round, report, signal });
        side.costs[way].push(cost);
        say(
          `round ${round + 1}, ${way}, ${'AB'[n]}: ${(perRun(cost) / 1000).toFixed(2)} s per valid kill (${cost.valid} valid, ${cost.invalid} invalid)`,
        );
      }
    }
  }
  const [a, b] = sides.map(({ variant, checkout, costs }) => ({
    ...{ text: variant.text, version: checkout.version, costs },
  }));
  if (!a) throw new Error('There is nothing to measure.');
  const review: CostReview = { a, ...(b && { b }), parallel: options.parallel };
  const told = { ...review, ratios: ratios(review) };
  await writeWhole(join(folder, 'cost.json'), `${JSON.stringify(told, undefined, 2)}\n`);
  await writeWhole(join(folder, 'cost.md'), costMarkdown(review));
  if (options.json) process.stdout.write(`${JSON.stringify(told)}\n`);
  else print(`${costText(review, options.ways)}\n${folder}\n`);
  return EXIT.ok;
}

interface Side {
  readonly variant: Variant;
  readonly checkout: Checkout;
  readonly costs: Record<Way, Cost[]>;
}

/** Has a side's checkout run kills in a way. @throws CommandFailed */
async function measure(
  engine: Engine,
  { variant, checkout }: Side,
  way: Way,
  request: {
    readonly parallel: number;
    readonly seed: number;
    readonly report: string;
    readonly signal: AbortSignal;
  },
): Promise<Cost> {
  const labs = way === 'single' ? 1 : request.parallel;
  const argv = [
    ...['scenario', 'master-kill', '--runs', String(labs * RUNS_PER_LAB[way]), '--parallel', String(labs)],
    ...(way === 'reuse' ? ['--reuse'] : []),
    ...['--seed', String(request.seed), '--reports', request.report, ...argumentsOf(variant)],
  ];
  const { cwd, program } = checkout.command;
  const { used, machine, exitCode, stderr } = await metered(engine, checkout.folder, [...program, ...argv], {
    ...{ cwd, signal: request.signal },
  });
  const result = await readResult(join(request.report, 'latest')).catch((cause: unknown) => {
    const last = stderr.trim().split('\n').at(-1);
    throw new Error(`${variant.text}: the runs ended with exit code ${exitCode}: ${last}`, { cause });
  });
  return costOf({ used, machine }, result);
}

function costText(review: CostReview, measured: readonly Way[]): string {
  const costs = costRows(review);
  const timings = timingRows(review);
  return [
    table(costs.head, costs.rows),
    ...measured.flatMap((way) => {
      const shares = shareRows(review, way);
      return ['', `${way}:`, table(shares.head, shares.rows), ...machineLines(review, way)];
    }),
    ...(timings ? ['', 'Where the time of one run went:', table(timings.head, timings.rows)] : []),
    COUNTED,
  ].join('\n');
}
