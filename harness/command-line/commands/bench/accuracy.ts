import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_SETTINGS } from '../../../../src/domain/settings.ts';
import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import { summarise } from '../../../analysis/statistics/summary.ts';
import { AmphoraLab } from '../../../lab/amphora-lab.ts';
import { defaultLoadBalancer } from '../../../lab/load-balancer.ts';
import { ObservationLog } from '../../../observations/observation-log.ts';
import { servedFor } from '../../../observations/steady-requests.ts';
import { Observers } from '../../../observers/observers.ts';
import { accuracyOf, type Bias } from '../../../proof/accuracy/errors.ts';
import { KINDS, type KnownOutage, makeKnownOutage } from '../../../proof/accuracy/known-outages.ts';
import { table } from '../../../report/terminal-text.ts';
import { HELD, OUTAGE_PATIENCE_MS, probeFor } from '../../../scenario/world/probes.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { reports, runs } from '../../options.ts';
import { newReport } from '../../places.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';

const PROBE = probeFor({ patienceMs: OUTAGE_PATIENCE_MS });
/** None is a multiple of the spacing, and each begins at another instant between two requests. */
const LENGTHS_MS = [5, 13, 27, 51, 108, 202, 506, 1004, 2009, 5000];
/** Its multiples are spread evenly between 0 and 1, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** A back end that stood still for longer answers hundreds of given-up requests first, in any order. */
const DELAY_MAX_MS = 1100;
/** An answer that is held for less is late, and nothing is lost: no outage (timeline/outage.ts). */
const DELAY_MIN_MS = 200;
const SERVICE_LIMIT_MS = 60_000;
/** Observers may use this share of one core together. */
const LOAD_LIMIT = 0.15;

export function register(bench: TestbedCommand, { finish }: Running): void {
  bench
    .command('accuracy')
    .description('Makes outages of known length without VRRP, and reports how far the figures are off.')
    .addOption(runs('Makes n outages of each kind and length.', 3))
    .addOption(reports())
    .example('npm run bench -- accuracy')
    .action(async (options) => finish(await benchAccuracy(options)));
}

/** `bench accuracy`: makes outages of known length, and reports the instrument's error. */
export async function benchAccuracy(options: {
  readonly runs: number;
  readonly reports: string;
}): Promise<number> {
  const { engine, images } = await workbench();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const { folder } = await newReport(options.reports, 'accuracy');
  await using log = new ObservationLog(join(folder, 'observations.jsonl'));
  await using lab = await AmphoraLab.create({
    engine,
    images,
    loadBalancer: defaultLoadBalancer(),
    settings: DEFAULT_SETTINGS,
  });
  await using observers = await Observers.start(lab, log, folder);
  observers.watch(lab, HELD);
  observers.probe(lab, PROBE);
  await servedFor(log, 20, SERVICE_LIMIT_MS);
  await observers.packetsRead();
  const load = await loadOf(lab);
  say(`observers use ${(load * 100).toFixed(1)} % of one core`);
  const outages: KnownOutage[] = [];
  for (let run = 1; run <= options.runs; run++) {
    for (const kind of KINDS) {
      for (const wantedMs of LENGTHS_MS) {
        if (kind === 'answer delayed' && (wantedMs < DELAY_MIN_MS || wantedMs > DELAY_MAX_MS)) continue;
        outages.push(
          await makeKnownOutage({
            lab,
            log,
            kind,
            wantedMs,
            probe: PROBE,
            shiftMs: ((outages.length * GOLDEN) % 1) * PROBE.intervalMs,
            packetsRead: () => observers.packetsRead(),
          }),
        );
      }
      say(`[${run}/${options.runs}] ${kind}`);
    }
  }
  const accuracy = accuracyOf(outages, PROBE.intervalMs);
  const broken = [
    ...accuracy.broken,
    ...(load > LOAD_LIMIT
      ? [
          `The observers use ${(load * 100).toFixed(1)} % of one core; at most ${LOAD_LIMIT * 100} % are promised.`,
        ]
      : []),
  ];
  await writeFile(
    join(folder, 'accuracy.json'),
    `${JSON.stringify({ engine: engine.describe(), load, ...accuracy, broken, outages }, undefined, 2)}\n`,
  );
  const { packets, requests } = accuracy;
  print(
    [
      tableOf(outages),
      `packets' outage, ${packets.absolute.n} known ones: off by ${inMs(packets.absolute.median, 2)} in the median, ${inMs(packets.p99, 2)} at the 99th percentile, ${inMs(packets.absolute.max, 2)} at most; ${biasText(packets.bias)}`,
      `requests' outage, ${requests.absolute.n} known ones: off by ${inMs(requests.absolute.median, 2)} in the median, ${inMs(requests.absolute.max, 2)} at most; ${biasText(requests.bias)}; spacing ${PROBE.intervalMs} ms`,
      `observers: ${(load * 100).toFixed(1)} % of one core`,
      ...broken,
      folder,
      '',
    ].join('\n'),
  );
  return broken.length > 0 ? EXIT.failed : EXIT.ok;
}

function biasText({ mean, standardError }: Bias): string {
  return `bias ${mean.toFixed(2)} ± ${inMs(2 * standardError, 2)}`;
}

function tableOf(outages: readonly KnownOutage[]): string {
  const rows: (string | number)[][] = [];
  for (const kind of KINDS) {
    for (const wantedMs of LENGTHS_MS) {
      const these = outages.filter((outage) => outage.kind === kind && outage.wantedMs === wantedMs);
      if (these.length === 0) continue;
      const packets = these.flatMap(({ packetsMs, trueMs }) =>
        packetsMs === undefined ? [] : [Math.abs(packetsMs - trueMs)],
      );
      const requests = these.map(({ requestsMs, trueMs }) => Math.abs(requestsMs - trueMs));
      const figures = (values: readonly number[]) => {
        if (values.length === 0) return ['–', '–'];
        const { median, max } = summarise(values);
        return [median.toFixed(2), max.toFixed(2)];
      };
      rows.push([kind, wantedMs, these.length, ...figures(packets), ...figures(requests)]);
    }
  }
  return table(
    ['outage', 'known ms', 'n', 'packets off by, ms: median', 'most', 'requests off by, ms: median', 'most'],
    rows,
  );
}

/** The share of one core that observing an idle lab takes, in the fabric and in this process. */
async function loadOf(lab: AmphoraLab): Promise<number> {
  const SAMPLE_MS = 5000;
  const [before, own, startedMs] = [await lab.fabric.load(), process.cpuUsage(), performance.now()];
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, SAMPLE_MS);
  await promise;
  const after = await lab.fabric.load();
  const here = process.cpuUsage(own);
  return (after.cpuMs - before.cpuMs + (here.user + here.system) / 1000) / (performance.now() - startedMs);
}
