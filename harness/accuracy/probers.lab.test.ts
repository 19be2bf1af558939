import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { findEngine } from '../engine/engine.ts';
import { requireImages } from '../images/images.ts';
import { Lab } from '../lab/lab.ts';
import { defaultLoadBalancer } from '../lab/load-balancer.ts';
import type { RequestObservation } from '../observe/observation.ts';
import { ObservationLog } from '../observe/observation-log.ts';
import { Observers } from '../observe/observers.ts';
import { servedFor } from '../observe/served.ts';
import { HELD, probeFor } from '../scenario/probes.ts';
import { lengthOf, longest, packetOutages, requestOutages } from '../timeline/outage.ts';
import { makeKnownOutage } from './known-outages.ts';

/** Others that look at the same service, beside the one that every run has. */
const OTHERS = [
  { intervalMs: 2, timeoutMs: 100 },
  { intervalMs: 10, timeoutMs: 500 },
  { intervalMs: 10, timeoutMs: 3000 },
  { intervalMs: 50, timeoutMs: 500 },
] as const;
const OUTAGE_MS = 648;
/** Instants of the maker's programs and of the client's are not the same. */
const SLACK_MS = 4;

test('the outage is the same for each patience and within each spacing, though a queue holds packets', async (t) => {
  t.timeout(120_000);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-probers-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using log = new ObservationLog(join(folder, 'observations.jsonl'));
  const loadBalancer = defaultLoadBalancer();
  await using lab = await Lab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
  await using observers = await Observers.start(lab, log, folder);
  const host = lab.deployment.vip.ip_address;
  const port = lab.deployment.loadBalancer.listeners[0]?.protocol_port ?? 0;
  const probe = probeFor({ patienceMs: 100 });
  observers.probe(lab, { port, transport: 'tcp', ...probe }, HELD);
  await servedFor(log, 20, 60_000, 'before the first outage');
  const others = OTHERS.map((settings) => {
    const requests: RequestObservation[] = [];
    const stream = lab.fabric.probe({ host, port, ...settings });
    createInterface({ input: stream })
      .on('line', (line) => line.endsWith('}') && requests.push(JSON.parse(line)))
      .on('error', () => {});
    return { ...settings, requests };
  });
  for (const kind of ['port cut', 'ARP reply held'] as const) {
    await delay(500);
    const from = others.map(({ requests }) => requests.length);
    const packetsRead = () => observers.packetsRead();
    const known = await makeKnownOutage({ lab, log, kind, wantedMs: OUTAGE_MS, probe, packetsRead });
    // Whoever is most patient knows last what became of a request.
    await delay(3200);
    const errors = { [`${probe.intervalMs}/${probe.timeoutMs}`]: known.requestsMs - known.trueMs };
    for (const [n, { intervalMs, timeoutMs, requests }] of others.entries()) {
      const mine = requests.slice(from[n]);
      const originNs = BigInt(mine[0]?.atNs ?? 0);
      const clock = (atNs: string) => Number(BigInt(atNs) - originNs) / 1e6;
      const silences = packetOutages(log.entries, clock);
      const found = longest(
        requestOutages(mine, clock, { spacingMs: intervalMs, steadyUntilMs: 300, silences }),
      );
      errors[`${intervalMs}/${timeoutMs}`] = (found ? lengthOf(found) : 0) - known.trueMs;
    }
    t.log(
      kind,
      Object.entries(errors)
        .map(([who, ms]) => `${who} ms: ${ms.toFixed(1)}`)
        .join(', '),
    );
    for (const [who, ms] of Object.entries(errors)) {
      t.true(
        Math.abs(ms) <= Number.parseInt(who, 10) + SLACK_MS,
        `${kind}, ${who}: off by ${ms.toFixed(1)} ms`,
      );
    }
    t.true(
      Math.abs((known.packetsMs ?? 0) - known.trueMs) < SLACK_MS,
      `packets: ${known.packetsMs}, true ${known.trueMs}`,
    );
  }
});
