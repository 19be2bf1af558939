import { randomInt } from 'node:crypto';
import { closest } from 'fastest-levenshtein';
import { busy } from '../../proof/torture/busy.ts';
import { churn } from '../../proof/torture/churn.ts';
import { clock } from '../../proof/torture/clock.ts';
import { diskFull } from '../../proof/torture/disk-full.ts';
import { engineLoss } from '../../proof/torture/engine-loss.ts';
import { failovers } from '../../proof/torture/failovers.ts';
import type { Blow, Torture } from '../../proof/torture/fault.ts';
import { interrupt, kill } from '../../proof/torture/kill.ts';
import { outOfMemory } from '../../proof/torture/out-of-memory.ts';
import { resets } from '../../proof/torture/resets.ts';
import { sockets } from '../../proof/torture/sockets.ts';
import { stops } from '../../proof/torture/stops.ts';
import { workers } from '../../proof/torture/workers.ts';
import { scenariosNamed } from '../../scenario/catalogue.ts';
import { UsageError } from '../../usage-error.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { count as countOf, json, RUNS_MAX, seed, takes } from '../options.ts';
import { workbench } from '../workbench.ts';

/** Each kind, with the default of `--count`. */
export const KINDS: Readonly<Record<string, { readonly torture: Torture; readonly count: number }>> = {
  kill: { torture: kill, count: 2 },
  interrupt: { torture: interrupt, count: 2 },
  engine: { torture: engineLoss, count: 1 },
  disk: { torture: diskFull, count: 1 },
  memory: { torture: outOfMemory, count: 1 },
  clock: { torture: clock, count: 1 },
  sockets: { torture: sockets, count: 1 },
  resets: { torture: resets, count: 10 },
  workers: { torture: workers, count: 2 },
  stops: { torture: stops, count: 3 },
  busy: { torture: busy, count: 3 },
  labs: { torture: churn, count: 10 },
  failovers: { torture: failovers, count: 10 },
};

export const group: Group = 'For developers of the testbed';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('torture')
    .description('Injects faults into the harness and reports what they leave behind.')
    .argument('[kinds...]', `Kinds of faults: ${Object.keys(KINDS).join(', ')}. Default: all.`)
    .addOption(
      takes('--count <n>', 'Repeats each kind n times, kill and interrupt n times in each stage.', {
        parse: countOf(RUNS_MAX),
        otherwise: "the kind's own number, from 1 to 10",
      }),
    )
    .addOption(
      takes('--scenario <scenario...>', 'Runs these scenarios in kind busy.', {
        otherwise: 'the whole catalogue',
      }),
    )
    .addOption(seed('Injects at the same instants as the run with this seed.'))
    .addOption(json())
    .example('npm run torture -- kill --count 3')
    .action(async (kinds, options) => finish(await torture(kinds, options, signal)));
}

/** `torture`: injects faults into the harness and reports what each one leaves behind. */
export async function torture(
  names: readonly string[],
  options: {
    readonly count?: number;
    readonly seed?: number;
    readonly scenario?: readonly string[];
    readonly json?: boolean;
  },
  signal: AbortSignal,
): Promise<number> {
  const known = Object.keys(KINDS);
  for (const name of names) {
    if (!known.includes(name))
      throw new UsageError(
        `There is no torture "${name}"; the nearest is ${closest(name, known)}, and there are ${known.join(', ')}.`,
      );
  }
  const scenarios = options.scenario ?? [];
  if (scenarios.length > 0) await scenariosNamed(scenarios);
  const { engine, images } = await workbench();
  const seed = options.seed ?? randomInt(1, 2 ** 31);
  const out = options.json ? process.stderr : process.stdout;
  out.write(`${engine.describe()}; seed ${seed}\n`);
  const blows: (Blow & { readonly kind: string })[] = [];
  for (const kind of names.length > 0 ? new Set(names) : known) {
    const { torture: deal, count } = KINDS[kind] ?? { torture: clock, count: 1 };
    await deal({
      engine,
      images,
      seed,
      scenarios,
      count: options.count ?? count,
      signal,
      report: (blow) => {
        blows.push({ ...blow, kind });
        out.write(`${blow.status} ${blow.fault}, ${blow.instant}: ${blow.detail}\n`);
      },
    });
    signal.throwIfAborted();
  }
  out.write(`\n${summary(blows)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ seed, blows })}\n`);
  return blows.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.ok;
}

function summary(blows: readonly (Blow & { readonly kind: string })[]): string {
  const lines = [...Map.groupBy(blows, ({ kind }) => kind)].map(([kind, dealt]) => {
    const tried = dealt.filter(({ status }) => status !== 'skipped');
    const survived = tried.filter(({ status }) => status === 'survived').length;
    const skipped = dealt.length > tried.length ? `, ${dealt.length - tried.length} skipped` : '';
    return `${kind}: survived ${survived} of ${tried.length}${skipped}`;
  });
  const leaks = blows.reduce((sum, blow) => sum + blow.leaks, 0);
  return [...lines, `leaks ${leaks}`].join('\n');
}
