import { summarise } from '../../../analysis/statistics/summary.ts';
import {
  type LabFigures,
  measureLab,
  measureLabsAtOnce,
  measurePlainContainers,
} from '../../../lab/benchmark.ts';
import { table } from '../../../report/terminal-text.ts';
import { requireRoom } from '../../../run/capacity.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { count, LABS_MAX, renamed, runs, takes } from '../../options.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';

const ROWS = {
  networkReadyMs: 'VIP network ready, ms',
  agentsReadyMs: 'agents answer, ms',
  servingMs: 'VIP serves, ms',
  tearDownMs: 'torn down in, ms',
  memoryMb: 'memory, MB',
} as const;

export function register(lab: TestbedCommand, { finish }: Running): void {
  lab
    .command('bench')
    .description("Measures how fast labs start, in turns with plain containers on the engine's networks.")
    .addOption(runs('Starts n labs one after the other.', 5))
    .addOption(
      takes('--parallel <n>', 'Starts n labs at once instead.', {
        parse: count(LABS_MAX),
        otherwise: 'one after the other',
      }),
    )
    .addOption(renamed('--at-once <n>', (labs) => `--parallel ${labs}`))
    .example('npm run lab -- bench --runs 10')
    .action(async (options) => finish(await labBench(options)));
}

/** `lab bench`: how fast labs are, beside plain containers, interleaved; or many at once. */
export async function labBench(options: {
  readonly runs: number;
  readonly parallel?: number;
}): Promise<number> {
  const { engine, images } = await workbench();
  await requireRoom(engine, options.parallel);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(engine.describe());
  if (options.parallel) {
    const figures = await measureLabsAtOnce(engine, images, options.parallel, (serving) =>
      say(`${serving} of ${options.parallel} labs serve`),
    );
    const allServeS = Math.max(...figures.map(({ servingMs }) => servingMs)) / 1000;
    print(`${tableOf(figures, [])}\nall ${options.parallel} labs serve after ${allServeS.toFixed(1)} s\n`);
    return EXIT.ok;
  }
  const labs: LabFigures[] = [];
  const plain: Awaited<ReturnType<typeof measurePlainContainers>>[] = [];
  for (let run = 1; run <= options.runs; run++) {
    labs.push(await measureLab(engine, images));
    plain.push(await measurePlainContainers(engine, images.amphora));
    say(`[${run}/${options.runs}]`);
  }
  const rows = [
    ['plain containers: joined and started, ms', plain.map(({ startedMs }) => startedMs)],
    ['plain containers: systemd runs, ms', plain.map(({ systemdMs }) => systemdMs)],
    ['plain containers: torn down in, ms', plain.map(({ tearDownMs }) => tearDownMs)],
  ] as const;
  const median = (values: readonly number[]) => summarise(values).median;
  const ratio = median(labs.map(({ networkReadyMs }) => networkReadyMs)) / median(rows[0][1]);
  print(
    `${tableOf(labs, rows)}\nuntil processes run on their networks, a lab takes ${ratio.toFixed(2)} of the time of plain containers\n`,
  );
  return EXIT.ok;
}

function tableOf(
  figures: readonly LabFigures[],
  more: readonly (readonly [string, readonly number[]])[],
): string {
  const rows = Object.entries(ROWS).map(
    ([key, title]) => [title, figures.map((entry) => entry[key as keyof typeof ROWS])] as const,
  );
  return table(
    ['', 'n', 'median', 'min', 'max'],
    [...rows, ...more].map(([title, values]) => {
      const { n, median, min, max } = summarise(values);
      return [title, n, median.toFixed(0), min.toFixed(0), max.toFixed(0)];
    }),
  );
}
