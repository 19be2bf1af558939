import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import type { Agreement } from '../../../proof/cross-check/agreement.ts';
import { type CrossChecked, crossCheck } from '../../../proof/cross-check/cross-check.ts';
import { table } from '../../../report/terminal-text.ts';
import { ATTEMPTS_MAX } from '../../../run/plan.ts';
import { scenariosNamed } from '../../../scenario/catalogue.ts';
import { phaseShareOf } from '../../../scenario/phases.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { json, reports, runs, seed } from '../../options.ts';
import { newReport } from '../../places.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';

/** One of each kind of failover: silence, farewell, check script, carrier, frozen machine, restart. */
const KINDS = ['master-kill', 'keepalived-stop', 'haproxy-stop', 'port-cut', 'master-freeze', 'haproxy-kill'];
const FIGURES = { outage: 'requests', packetOutage: 'packets' } as const;

export interface CrossCheckOptions {
  readonly runs: number;
  readonly seed?: number;
  readonly reports: string;
  readonly json?: boolean;
}

export function register(bench: TestbedCommand, { finish }: Running): void {
  bench
    .command('cross-check')
    .description('Has httperf and fping measure each outage too, and compares their gaps with it.')
    .argument('[scenarios...]', `Names of scenarios. Default: ${KINDS.join(', ')}.`)
    .addOption(runs('Runs each scenario n times.', 1))
    .addOption(seed())
    .addOption(reports())
    .addOption(json())
    .example('npm run bench -- cross-check master-kill')
    .action(async (names, options) => finish(await benchCrossCheck(names, options)));
}

/** `bench cross-check`: programs of other authors ask the VIP too; their gaps are compared with the testbed's outages. */
export async function benchCrossCheck(names: readonly string[], options: CrossCheckOptions): Promise<number> {
  const scenarios = await scenariosNamed(names.length > 0 ? names : KINDS);
  const { engine, images } = await workbench();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const { folder } = await newReport(options.reports, 'cross-check');
  const seed = options.seed ?? randomInt(1, 2 ** 30);
  const found: (CrossChecked & { readonly scenario: string })[] = [];
  for (const scenario of scenarios) {
    for (let index = 1; index <= options.runs; index++) {
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
        const place = join(folder, scenario.name, `run-${index}-${attempt}`);
        const phaseShare = phaseShareOf(index, seed);
        const one = await crossCheck({ engine, images, scenario, index, phaseShare, folder: place });
        const { status, reason } = one.run;
        const told = one.agreements.map(
          ({ client, clientMs, outageMs }) => `${client} ${inMs(clientMs, 1)}, ours ${outageMs.toFixed(1)}`,
        );
        say(
          `[${index}/${options.runs}] ${scenario.name} ${status}${reason ? `: ${reason}` : ''}; ${told.join('; ')}`,
        );
        if (status === 'invalid' && attempt < ATTEMPTS_MAX) continue;
        found.push({ scenario: scenario.name, ...one });
        break;
      }
    }
  }
  const judged = found.flatMap(({ scenario, run, agreements }) =>
    run.status === 'invalid' ? [] : agreements.map((agreement) => ({ scenario, ...agreement })),
  );
  const broken = judged.filter(({ agrees }) => !agrees);
  const unseen = found.filter(({ run, agreements }) => run.status === 'invalid' || agreements.length === 0);
  const result = {
    ...{ engine: engine.describe(), seed, agreements: judged },
    unseen: unseen.map(({ scenario, run: { status, reason } }) => ({ scenario, status, reason })),
  };
  await writeFile(join(folder, 'cross-check.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    print(
      [
        table(
          [
            'scenario',
            'done',
            'asked by',
            'its gap, ms',
            'less its spacing',
            'our outage, ms',
            'differ by',
            '',
          ],
          judged.map(rowOf),
        ),
        'httperf sends a request every 5 ms over a new connection and waits 500 ms, fping a packet; a capture dates the answers',
        `${judged.length - broken.length} of ${judged.length} agree: they differ by less than both spacings`,
        ...unseen.map(({ scenario, run }) => `${scenario}: not compared, ${run.status}: ${run.reason}`),
        folder,
        '',
      ].join('\n'),
    );
  }
  if (broken.length > 0) return EXIT.failed;
  return unseen.length > 0 ? EXIT.noVerdict : EXIT.ok;
}

function rowOf(row: Agreement & { readonly scenario: string }): readonly string[] {
  const open = (over: boolean) => (over ? '' : ', not over');
  return [
    ...[row.scenario, row.name, `${row.client} (${FIGURES[row.metric]})`],
    `${row.gapMs.toFixed(1)}${open(row.gapOver)}`,
    row.clientMs.toFixed(1),
    `${row.outageMs.toFixed(1)}${open(row.outageOver)}`,
    `${row.differenceMs.toFixed(1)} of ${row.allowedMs}`,
    row.agrees ? 'agree' : 'DIFFER',
  ];
}
