import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { Images } from '../images/images.ts';
import { Lab, type LabAmphora } from '../lab/lab.ts';
import { defaultLoadBalancer } from '../lab/load-balancer.ts';
import type { LabObservation, Observation } from '../observe/observation.ts';
import { ObservationLog } from '../observe/observation-log.ts';
import { Observers } from '../observe/observers.ts';
import type { RunResult } from '../report/result.ts';
import { type Participant, readTimeline } from '../timeline/timeline.ts';
import { type Parameters, settingsOf } from './parameters.ts';
import type { Scenario } from './scenario.ts';
import { tell } from './story.ts';

/**
 * A request that waits longer counts as lost: on the way of a dead holder's address, queues hold requests back
 * and deliver them to the new holder, which would shorten the outage by as much as is waited.
 */
const PROBE = { intervalMs: 10, timeoutMs: 100 } as const;
/** Later than this, the prober measured the machine and not the service. */
const LATENESS_LIMIT_MS = 100;
/** What a busy machine may add to the protocol's time. */
const TOLERANCE_MS = 150;
const SERVICE_LIMIT_MS = 30_000;
/** Requests in a row that must be answered before the fault. */
const STEADY_REQUESTS = 10;
/** After it, as many as it takes until the last of the lost ones has timed out. */
const SETTLED_REQUESTS = Math.ceil(PROBE.timeoutMs / PROBE.intervalMs) + STEADY_REQUESTS;

export interface RunRequest {
  readonly engine: Engine;
  readonly images: Images;
  readonly scenario: Scenario;
  readonly parameters: Parameters;
  readonly index: number;
  /** From an advertisement of the master to the fault, as a share of the interval, 0 to 1. */
  readonly phaseShare: number;
  readonly folder: string;
  /** Called before the lab of a failed run goes. */
  readonly onFailure?: (lab: Lab) => Promise<void>;
}

/** Runs a scenario once in a lab of its own, and judges it. A failure is a result, not an error. */
export async function executeRun(request: RunRequest): Promise<RunResult> {
  const { scenario, parameters, folder, index } = request;
  await mkdir(folder, { recursive: true });
  const startedMs = performance.now();
  const checks: RunResult['checks'] = [];
  const base = {
    index,
    checks,
    events: [],
    metrics: {},
    artifacts: { logs: [] as string[] },
    versions: {},
    labUpMs: 0,
    wallMs: 0,
  };
  let run: RunResult;
  try {
    const observed = await observeRun(request, checks);
    run = { ...base, ...(await judge(request, observed, checks)) };
  } catch (error) {
    const reason = `${(error as Error).name}: ${(error as Error).message}`;
    run = { ...base, status: 'failed', reason };
  }
  run = { ...run, wallMs: performance.now() - startedMs };
  await writeFile(
    join(folder, 'run.json'),
    `${JSON.stringify({ scenario: scenario.name, parameters, ...run })}\n`,
  );
  return run;
}

interface ObservedRun {
  readonly history: readonly Observation[];
  readonly vip: string;
  readonly fault: LabObservation | undefined;
  readonly failure: Error | undefined;
  readonly master: Participant;
  readonly backup: Participant;
  readonly backupPriority: number;
  readonly labUpMs: number;
  readonly versions: Record<string, string>;
  readonly logs: readonly string[];
}

async function observeRun(request: RunRequest, checks: RunResult['checks']): Promise<ObservedRun> {
  const { scenario, parameters, folder } = request;
  const loadBalancer = defaultLoadBalancer();
  const port = loadBalancer.listeners[0]?.protocol_port ?? 0;
  await using log = new ObservationLog(join(folder, 'observations.jsonl'));
  const upMs = performance.now();
  await using lab = await Lab.create({
    engine: request.engine,
    images: request.images,
    loadBalancer,
    settings: settingsOf(parameters),
  });
  await using observers = await Observers.start(lab, log, folder);
  const versionsAsked = Promise.all(lab.amphorae.map((amphora) => lab.parts.driver.info(amphora)));
  observers.probe(lab, { port, ...PROBE });
  await servedFor(log, STEADY_REQUESTS, SERVICE_LIMIT_MS, 'before the fault');
  const labUpMs = performance.now() - upMs;
  const [info] = await versionsAsked;
  const { master, backup } = await holderOf(lab);
  checks.push({ name: 'one VIP holder before the fault', status: 'passed', detail: master.instance.name });
  checks.push({
    name: 'traffic served before the fault',
    status: 'passed',
    detail: `${STEADY_REQUESTS} requests in a row`,
  });

  const phaseMs = request.phaseShare * parameters.advert_int * 1000;
  let failure: Error | undefined;
  try {
    await scenario.run(
      tell({ lab, log, master, backup, checks, atPhase: () => advertised(log, master, phaseMs, parameters) }),
    );
    await servedFor(log, SETTLED_REQUESTS, SERVICE_LIMIT_MS, 'after the fault');
  } catch (error) {
    failure = error as Error;
    await request.onFailure?.(lab);
  }
  const participant = (amphora: LabAmphora): Participant => ({
    node: amphora.instance.name,
    vrrpIp: amphora.vrrp_ip,
    mac: lab.parts.network.ports.find((entry) => entry.computeId === amphora.compute_id)?.macAddress ?? '',
  });
  return {
    history: log.entries,
    vip: lab.deployment.vip.ip_address,
    fault: log.entries.find((entry) => entry.kind === 'lab' && entry.what === 'fault') as
      | LabObservation
      | undefined,
    failure,
    master: participant(master),
    backup: participant(backup),
    backupPriority: backup.vrrp_priority,
    labUpMs,
    versions: {
      ...(info && { haproxy: info.haproxy_version, keepalived: info.keepalived_version }),
    },
    logs: observers.artifacts.logs,
  };
}

async function judge(
  { scenario, parameters, folder }: RunRequest,
  observed: ObservedRun,
  checks: RunResult['checks'],
): Promise<Omit<RunResult, 'index' | 'checks' | 'wallMs'>> {
  const { fault, failure, labUpMs, versions, backupPriority } = observed;
  const artifacts = { capture: 'capture.pcapng', logs: [...observed.logs] };
  if (!fault) {
    const reason = failure?.message ?? 'The scenario injected no fault.';
    return { status: 'failed', reason, labUpMs, versions, artifacts, metrics: {}, events: [] };
  }
  const timeline = readTimeline(observed.history, { ...observed, fault, probeIntervalMs: PROBE.intervalMs });
  const { metrics } = timeline;
  const demanded = scenario.model({
    advertIntMs: parameters.advert_int * 1000,
    backupPriority,
    phaseMs: metrics.advertPhase ?? 0,
    parameters,
  });
  const bound = typeof demanded === 'number' ? { min: demanded, max: demanded } : demanded;
  const outage = metrics.outage ?? Number.NaN;
  const within =
    outage >= bound.min - metrics.uncertainty - TOLERANCE_MS &&
    outage <= bound.max + metrics.uncertainty + TOLERANCE_MS;
  checks.push({
    name: 'outage as the protocol demands',
    status: within ? 'passed' : 'failed',
    detail: `measured ${outage.toFixed(1)} ms, demanded ${bound.min.toFixed(1)} to ${bound.max.toFixed(1)} ms, ± ${metrics.uncertainty.toFixed(1)} ms and ${TOLERANCE_MS} ms for the machine`,
  });
  const disturbance = await disturbanceOf(
    timeline.proberLatenessMs,
    observed.logs.map((log) => join(folder, log)),
  );
  const failed = checks.find((check) => check.status === 'failed');
  const reason = disturbance ?? failure?.message ?? (failed && `${failed.name}: ${failed.detail}`);
  return {
    status: disturbance ? 'invalid' : reason ? 'failed' : 'passed',
    ...(reason !== undefined && { reason }),
    labUpMs,
    faultAt: { iso: new Date(Number(BigInt(fault.atNs) / 1_000_000n)).toISOString(), ns: fault.atNs },
    metrics: { ...metrics, ...(Number.isFinite(outage) && { excess: excessOver(bound, outage) }) },
    ...(timeline.phases && { phases: { ...timeline.phases } }),
    predicted: { outage: bound },
    events: [...timeline.events],
    artifacts,
    versions,
  };
}

/** What lies outside the bounds, ms: negative when it was faster than the protocol allows. */
function excessOver({ min, max }: { min: number; max: number }, outageMs: number): number {
  return outageMs > max ? outageMs - max : Math.min(0, outageMs - min);
}

/** Why a run measured the machine rather than the failover; undefined when nothing says so. */
async function disturbanceOf(latenessMs: number, journals: readonly string[]): Promise<string | undefined> {
  if (latenessMs > LATENESS_LIMIT_MS) {
    return `The machine was too busy: a request was sent ${latenessMs.toFixed(0)} ms late (at most ${LATENESS_LIMIT_MS} ms are tolerated).`;
  }
  for (const journal of journals) {
    const line = /.*A thread timer expired.*/.exec(await readFile(journal, 'utf8').catch(() => ''))?.[0];
    if (line) return `The machine was too busy: keepalived says "${line.trim()}".`;
  }
  return undefined;
}

/** Which amphora holds the VIP: exactly one must. */
async function holderOf(lab: Lab): Promise<{ master: LabAmphora; backup: LabAmphora }> {
  const vip = lab.deployment.vip.ip_address;
  const holding = await Promise.all(
    lab.amphorae.map(async (amphora) => {
      const [result] = await lab.fabric.run({
        argv: [
          'nsenter',
          `--net=/proc/${amphora.instance.pid}/root/run/netns/amphora-haproxy`,
          'ip',
          '-j',
          'address',
        ],
      });
      const links = JSON.parse(result?.stdout ?? '[]') as { addr_info: { local?: string }[] }[];
      return links.some((link) => link.addr_info.some((address) => address.local === vip));
    }),
  );
  const master = lab.amphorae.filter((_, n) => holding[n]);
  const backup = lab.amphorae.filter((_, n) => !holding[n]);
  if (!master[0] || !backup[0] || master.length > 1) {
    throw new Error(
      `The VIP must have one holder before the fault; ${master.length} of ${holding.length} amphorae hold it.`,
    );
  }
  return { master: master[0], backup: backup[0] };
}

/** Resolves at the next instant that lies `phaseMs` after an advertisement of the master: they come at even distances. */
async function advertised(
  log: ObservationLog,
  master: LabAmphora,
  phaseMs: number,
  { advert_int }: Parameters,
): Promise<void> {
  const { name } = master.instance;
  const isAdvertisement = (entry: Observation): entry is Observation =>
    entry.kind === 'frame' && entry.port === name && entry.direction === 'in' && entry.frame.type === 'vrrp';
  const intervalMs = advert_int * 1000;
  const last =
    log.entries.findLast(isAdvertisement) ??
    (await log.waitFor({
      what: `an advertisement of ${name}`,
      limitMs: 3 * intervalMs,
      match: isAdvertisement,
    }));
  const sinceMs = Date.now() - Number(BigInt(last.atNs)) / 1e6;
  const remainingMs = phaseMs - sinceMs;
  await delay(
    remainingMs >= 0 ? remainingMs : remainingMs + Math.ceil(-remainingMs / intervalMs) * intervalMs,
  );
}

/** Resolves when the last `count` requests were answered without one failing between them. */
async function servedFor(log: ObservationLog, count: number, limitMs: number, when: string): Promise<void> {
  let streak = 0;
  const from = log.entries.findLast((entry) => entry.kind === 'request')?.sequence ?? -1;
  await log.waitFor({
    what: `${count} requests in a row answered ${when}`,
    limitMs,
    match: (entry): entry is Observation => {
      if (entry.kind !== 'request' || entry.sequence <= from) return false;
      streak = entry.outcome === 'answered' ? streak + 1 : 0;
      return streak >= count;
    },
  });
}
