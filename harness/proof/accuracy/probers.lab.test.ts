import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { median } from 'simple-statistics';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { requestsOf } from '../../analysis/timeline/answers.ts';
import { lengthOf, longest, packetOutages, requestOutages } from '../../analysis/timeline/outage.ts';
import { AmphoraLab } from '../../lab/amphora-lab.ts';
import { findEngine } from '../../lab/engine/engine.ts';
import { WAIT_MIN_MS } from '../../lab/fabric/waits.ts';
import { requireImages } from '../../lab/images/images.ts';
import { defaultLoadBalancer } from '../../lab/load-balancer.ts';
import type { RequestObservation } from '../../observations/observation.ts';
import { ObservationLog } from '../../observations/observation-log.ts';
import { servedFor } from '../../observations/steady-requests.ts';
import { Observers } from '../../observers/observers.ts';
import { HELD, probeFor } from '../../scenario/world/probes.ts';
import { makeKnownOutage } from './known-outages.ts';

/** Others that look at the same service, beside the one that every run has. */
const OTHERS = [
  { intervalMs: 2, timeoutMs: 100 },
  { intervalMs: 10, timeoutMs: 500 },
  { intervalMs: 10, timeoutMs: 3000 },
  { intervalMs: 50, timeoutMs: 500 },
] as const;
const OUTAGE_MS = 648;
/** Around the return of the service. */
const AROUND_MS = 100;
/** Requests that tell what an answer takes. */
const STEADY = 20;
/** Instants of the maker's programs and of the client's are not the same. */
const SLACK_MS = 4;
/** A request is in the hands of the client, HAProxy and a back end: each may wait that long, and nobody notes it. */
const UNSEEN_MS = 3 * WAIT_MIN_MS;

/** After so long at the latest a kernel hands over to tcpdump what it has captured, unless it is asked to sooner. */
const BLOCK_MS = 1000;

test('the outage is the same for each patience and within each spacing, though a queue holds packets', async (t) => {
  t.timeout(120_000);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-probers-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await using log = new ObservationLog(join(folder, 'observations.jsonl'));
  const loadBalancer = defaultLoadBalancer();
  await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
  await using observers = await Observers.start(lab, log, folder);
  const host = lab.vip;
  const port = lab.port;
  const probe = probeFor({ patienceMs: 100 });
  observers.watch(lab, HELD);
  observers.probe(lab, probe);
  await servedFor(log, 20, 60_000);
  const read: number[] = [];
  for (let n = 0; n < 5; n++) {
    const fromMs = performance.now();
    await observers.packetsRead();
    read.push(performance.now() - fromMs);
  }
  t.true(median(read) < BLOCK_MS / 2, `captured packets are read ${median(read)} ms later`);
  /** How uncertain each outage is, in spacings of its requests, and how far off, in what is allowed without waits. */
  const widths: number[] = [];
  const errors: number[] = [];
  for (const kind of ['port cut', 'ARP reply held'] as const) {
    // One after the other: requests of several probers that a queue has held together disturb each other.
    for (const settings of OTHERS) {
      const requests: RequestObservation[] = [];
      const stream = lab.fabric.probe({ host, port, ...settings });
      let arrived = Promise.withResolvers<void>();
      createInterface({ input: stream })
        .on('line', (line) => {
          if (!line.endsWith('}')) return;
          requests.push(JSON.parse(line));
          arrived.resolve();
          arrived = Promise.withResolvers();
        })
        .on('error', () => {});
      const until = async (enough: () => boolean) => {
        while (!enough()) await arrived.promise;
      };
      await until(() => requests.length >= STEADY);
      const answers = () => log.entries.filter(({ kind }) => kind === 'answer');
      const packetsRead = () => observers.packetsRead();
      const known = await makeKnownOutage({
        lab,
        log,
        kind,
        wantedMs: OUTAGE_MS,
        probe,
        shiftMs: 0,
        packetsRead,
      });
      const newest = Math.max(...requests.map(({ sequence }) => sequence));
      // Until it is known what became of each request that was sent by now, and of some more.
      const sent = newest + Math.ceil(settings.timeoutMs / settings.intervalMs);
      await until(() => requests.filter(({ sequence }) => sequence <= sent).length > sent);
      stream.destroy();
      await packetsRead();
      const originNs = BigInt(requests[0]?.atNs ?? 0);
      const clock = (atNs: string) => Number(BigInt(atNs) - originNs) / 1e6;
      const silences = packetOutages(log.entries, clock);
      const steadyUntilMs = STEADY * settings.intervalMs;
      const found = longest(
        requestOutages(requestsOf([...answers(), ...requests]), clock, {
          spacingMs: settings.intervalMs,
          steadyUntilMs,
          silences,
        }),
      );
      const measured = [
        { ...settings, ms: found ? lengthOf(found) : 0, uncertaintyMs: found?.uncertaintyMs ?? 0 },
        { ...probe, ms: known.requestsMs, uncertaintyMs: known.requestsUncertaintyMs },
      ];
      // Who waits for a processor at an end of it asks or answers later by as much: in a run the verdict would say so.
      const ends = [found?.fromMs ?? 0, found?.toMs ?? 0];
      const waitedMs = log.entries
        .filter((entry) => entry.kind === 'processor')
        .filter(({ atNs, untilNs }) =>
          ends.some((ms) => clock(untilNs) > ms - AROUND_MS && clock(atNs) < ms + AROUND_MS),
        )
        .reduce((sum, entry) => sum + entry.waitedMs, 0);
      // One HAProxy works off all that the queue held, before it answers what came later.
      const answerMs = median(
        requests.slice(0, STEADY).map(({ atNs, endNs }) => Number(BigInt(endNs) - BigInt(atNs)) / 1e6),
      );
      const heldMs = Math.min(settings.timeoutMs, OUTAGE_MS);
      const workMs = kind === 'ARP reply held' ? (heldMs / settings.intervalMs) * answerMs : 0;
      const truthMs = SLACK_MS + known.trueUncertaintyMs + workMs;
      const waitsMs = UNSEEN_MS + waitedMs;
      for (const { intervalMs, timeoutMs, ms, uncertaintyMs } of measured) {
        const who = `${kind}: a request each ${intervalMs} ms, patience ${timeoutMs} ms`;
        const errorMs = ms - known.trueMs;
        t.log(
          `${who}: off by ${errorMs.toFixed(1)} ms, uncertain by ${uncertaintyMs.toFixed(1)} ms; waited ${waitedMs.toFixed(0)} ms, work ${workMs.toFixed(0)} ms`,
        );
        t.true(
          Math.abs(errorMs) <= uncertaintyMs + truthMs + waitsMs,
          `${who}: off by ${errorMs.toFixed(1)} ms`,
        );
        widths.push(uncertaintyMs / intervalMs);
        errors.push(Math.abs(errorMs) / (uncertaintyMs + truthMs));
      }
      const packets = (known.packetsMs ?? 0) - known.trueMs;
      t.true(Math.abs(packets) < truthMs + waitsMs, `${kind}, packets: ${packets.toFixed(1)} ms`);
    }
  }
  // A machine that lets processes wait makes some less certain and less true, not most.
  t.true(median(widths) <= 1, `uncertain by ${widths.map((width) => width.toFixed(2)).join(', ')} spacings`);
  t.true(
    median(errors) <= 1,
    `off by ${errors.map((error) => error.toFixed(2)).join(', ')} of what is allowed`,
  );
});
