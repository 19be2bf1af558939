import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_SETTINGS } from '../../../../src/domain/settings.ts';
import { latencyOf } from '../../../compare/bench/latency.ts';
import powerOff from '../../../faults/power-off.ts';
import { Lab } from '../../../lab/lab.ts';
import { defaultLoadBalancer } from '../../../lab/load-balancer.ts';
import { untilServed } from '../../../lab/service.ts';
import type { RequestObservation } from '../../../observations/observation.ts';
import { table } from '../../../report/terminal-text.ts';
import { eachJson } from '../../../streams/lines.ts';
import { handNow } from '../../../vocabulary/deed.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { budget, json, renamed, reports } from '../../options.ts';
import { newReport } from '../../places.ts';
import { print } from '../../print.ts';
import { workbench } from '../../workbench.ts';

const SERVICE_LIMIT_MS = 60_000;
/** 250 requests a second, each with the patience of a browser. */
const PROBE = { intervalMs: 4, timeoutMs: 10_000 } as const;
const RELOADS = 10;
const RELOAD_EVERY_MS = 1000;
/** A master-down interval and some seconds of the new master. */
const FAILOVER_MS = 8000;
const RUSH = { clients: 16, durationMs: 3000 } as const;

export interface LatencyOptions {
  /** How long the steady state is measured, ms. */
  readonly budget: number;
  readonly reports: string;
  readonly json?: boolean;
}

export function register(bench: TestbedCommand, { finish }: Running): void {
  bench
    .command('latency')
    .description('Measures how long requests wait in steady state, during reloads and during a failover.')
    .addOption(budget('Measures the steady state for this time.', '10s'))
    .addOption(renamed('--seconds <n>', (seconds) => `--budget ${seconds}s`))
    .addOption(reports())
    .addOption(json())
    .example('npm run bench -- latency --budget 30s')
    .action(async (options) => finish(await benchLatency(options)));
}

/** `bench latency`: how long requests wait in the steady state, while HAProxy is reloaded, and during a failover. */
export async function benchLatency(options: LatencyOptions): Promise<number> {
  const { engine, images } = await workbench();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const { folder } = await newReport(options.reports, 'latency');
  await using lab = await Lab.create({
    engine,
    images,
    loadBalancer: defaultLoadBalancer(),
    settings: DEFAULT_SETTINGS,
  });
  const { vip: host, port } = lab;
  const forward = await lab.forwardVip(port);
  await untilServed(`http://127.0.0.1:${forward.port}`, SERVICE_LIMIT_MS);
  const [master] = lab.amphorae;
  if (!master) throw new Error('The lab has no amphora.');

  const during = async (what: string, act: () => Promise<unknown>) => {
    say(`${what} …`);
    const requests: RequestObservation[] = [];
    const stream = lab.fabric.probe({ host, port, ...PROBE });
    eachJson<RequestObservation>(stream, (request) => requests.push(request));
    await act();
    stream.destroy();
    return { what, ...latencyOf(requests) };
  };
  const rush = await lab.fabric.rush({ host, port, ...RUSH });
  const connectionsPerSecond = rush.answered / (rush.durationMs / 1000);
  const rows = [
    await during('steady state', () => delay(options.budget)),
    await during(`${RELOADS} reloads of HAProxy`, async () => {
      for (let n = 0; n < RELOADS; n++) {
        await lab.agent(master).haproxy('reload');
        await delay(RELOAD_EVERY_MS);
      }
    }),
    await during('failover after a power loss', async () => {
      await powerOff.act(handNow(lab), master);
      await delay(FAILOVER_MS);
    }),
  ];
  const result = { engine: engine.describe(), probe: PROBE, connectionsPerSecond, rush, rows };
  await writeFile(join(folder, 'latency.json'), `${JSON.stringify(result, undefined, 2)}\n`);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return EXIT.ok;
  }
  print(
    [
      table(
        ['latency, ms', 'requests', 'failed', 'p50', 'p90', 'p99', 'p99.9', 'max'],
        rows.map(({ what, requests, failed, p50, p90, p99, p999, max }) => [
          what,
          requests,
          failed,
          ...[p50, p90, p99, p999, max].map((ms) => ms.toFixed(2)),
        ]),
      ),
      `a request every ${PROBE.intervalMs} ms over a new connection, timed from when it was due`,
      `${connectionsPerSecond.toFixed(0)} connections a second by ${RUSH.clients} clients, ${rush.failed} failed`,
      folder,
      '',
    ].join('\n'),
  );
  return EXIT.ok;
}
