import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunFacts } from '../analysis/verdict/facts.ts';
import { judge } from '../analysis/verdict/judge.ts';
import { configurationOf } from '../lab/configuration.ts';
import type { Engine } from '../lab/engine/engine.ts';
import type { Images } from '../lab/images/images.ts';
import { NoIpvs } from '../lab/ipvs.ts';
import { type Lab, NoController } from '../lab/lab.ts';
import { loadBalancerOf } from '../lab/load-balancer.ts';
import { createLab } from '../lab/plain/create-lab.ts';
import { NotInOctavia } from '../lab/renderers/octavia-renderers.ts';
import { runningVersions } from '../lab/running-versions.ts';
import { untilSteady } from '../lab/steady-pair.ts';
import type { Mutation } from '../mutations/mutation.ts';
import { imageFilesOf, plant } from '../mutations/plant.ts';
import type { FrameObservation, Observation } from '../observations/observation.ts';
import { NotObserved, ObservationLog } from '../observations/observation-log.ts';
import { first } from '../observations/waits.ts';
import { Observers } from '../observers/observers.ts';
import type { Stage } from '../result/progress.ts';
import type { RunResult } from '../result/result.ts';
import { clockMs, type Part } from '../result/timings.ts';
import { isExact, pairUnder } from '../scenario/models.ts';
import { whyNot } from '../scenario/needs.ts';
import { type Parameters, settingsOf } from '../scenario/parameters.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { tellWhole } from '../scenario/telling.ts';
import { HELD, probeFor, STEADY_REQUESTS } from '../scenario/world/probes.ts';
import { AGENTS } from '../system/agents.ts';
import { PROGRAMS } from '../system/system.ts';
import { CannotRun } from '../vocabulary/deed.ts';
import { diskFullIn, engineFailedIn, labGoneIn } from './environment.ts';
import { pairNow } from './pair-now.ts';
import { RUN_FILES, readStoredRun, writeBegun, writeFacts, writeVerdict } from './run-folder.ts';
import { runTimings } from './run-timings.ts';
import { fatesKnown, SERVICE_LIMIT_MS, served, settle } from './settle.ts';

/** Time that the fabric needs to have a fault's program ready for its instant, also on a busy machine. */
const READY_MS = 60;
/** Time for clients to be served {@link STEADY_REQUESTS} times, and for the capture of that to be read, in addition. */
const TRAFFIC_MS = READY_MS + 190;

/** What a passed run leaves to the next one. */
export interface WholeLab {
  readonly lab: Lab;
  /** Versions of what runs there: no run exchanges a program. */
  readonly versions: RunFacts['versions'];
}

export interface RunRequest {
  readonly engine: Engine;
  readonly images: Images;
  readonly scenario: Scenario;
  readonly parameters: Parameters;
  readonly index: number;
  /** From an advertisement of the master to the fault, as a share of the interval, 0 to 1. */
  readonly phaseShare: number;
  readonly folder: string;
  readonly onStage?: (stage: Stage) => void;
  /** Called with the verdict, before the lab goes. */
  readonly onVerdict?: (run: RunResult) => void;
  /** When the run was asked for, ms on the clock of {@link clockMs}; by default now. */
  readonly orderedMs?: number;
  /** The mutation of the system, made before the observation begins. */
  readonly mutation?: Mutation;
  /** Run it also where the configuration of the system leads elsewhere. */
  readonly anyway?: boolean;
  /** What another run left intact; otherwise a lab is built. */
  readonly left?: WholeLab | undefined;
  /** Takes over the lab of a passed run in which only power is missing; other labs are destroyed. */
  readonly onWhole?: ((left: WholeLab) => void) | undefined;
  /** Called before the lab of a failed run goes. */
  readonly onFailure?: (lab: Lab) => Promise<void>;
}

/**
 * Runs a scenario once, in a lab of its own unless it is given one, stores what was observed, and has the stored run judged: a failure
 * is a result, not an error.
 *
 * @throws when a disk is full; the lab is destroyed then too
 */
export async function executeRun(request: RunRequest): Promise<RunResult> {
  const { scenario, folder } = request;
  await mkdir(folder, { recursive: true });
  const startedMs = clockMs();
  const ends: { -readonly [part in Part]?: number } = { process: startedMs };
  let facts: RunFacts = {
    factsVersion: 1,
    scenario: scenario.name,
    index: request.index,
    phaseShare: request.phaseShare,
    parameters: request.parameters,
    probe: probeFor(scenario.model),
    checks: [],
    measures: {},
    labUpMs: 0,
    wallMs: 0,
    versions: {},
    ...(request.images.system.agent && { agent: request.images.system.agent }),
    journals: {},
    configurations: {},
  };
  await using stack = new AsyncDisposableStack();
  const learn = (known: Partial<RunFacts>) => {
    facts = { ...facts, ...known };
  };
  let followable: Promise<void> | undefined;
  const { left } = request;
  let lab = left?.lab;
  stack.defer(async () => lab && destroy(lab, request.engine));
  try {
    await using log = new ObservationLog(join(folder, RUN_FILES.history));
    request.onStage?.('building the lab');
    const askedMs = clockMs();
    lab ??= await buildLab(request);
    learn({ lab: lab.name });
    if (!left) Object.assign(ends, endsOfBuilding(lab, askedMs));
    await observeRun(request, lab, log, {
      learn(known) {
        learn(known);
        if (known.pair) followable = writeBegun(folder, facts).catch(() => {});
      },
      onSteady() {
        ends.steady = clockMs();
        learn({ labUpMs: ends.steady - startedMs });
      },
    });
  } catch (error) {
    learn(endOf(error, request.engine));
  }
  ends.settling = clockMs();
  await followable;
  await writeFacts(folder, { ...facts, wallMs: ends.settling - startedMs });
  request.onStage?.('judging');
  const stored = await readStoredRun(folder);
  const judged = judge(stored, scenario);
  ends.judging = clockMs();
  const moments = {
    ...{ orderedMs: request.orderedMs ?? startedMs, ends, built: left === undefined },
    offsetMs: clockMs() - Date.now(),
  };
  const run = { ...judged, timings: [...runTimings(moments, stored, judged)] };
  await writeVerdict(folder, run);
  if (lab && request.onWhole && scenario.repeatable && run.status === 'passed') {
    stack.move();
    request.onWhole({ lab, versions: facts.versions });
  }
  request.onVerdict?.(run);
  return run;
}

/** When the parts of a lab's making ended that was asked for at an instant. */
function endsOfBuilding({ times }: Lab, askedMs: number): Partial<Record<Part, number>> {
  if (!times) return { lab: clockMs() };
  const { networkReadyMs, agentsReadyMs, deployedMs } = times;
  return {
    ...{ lab: askedMs + networkReadyMs, loadBalancer: askedMs + deployedMs },
    ...(Number.isFinite(agentsReadyMs) && { agents: askedMs + agentsReadyMs }),
  };
}

/** Destroys a lab; what an engine that failed leaves of it is swept when that is back. */
async function destroy(lab: Lab, { host }: Engine): Promise<void> {
  await lab[Symbol.asyncDispose]().catch((error: unknown) => {
    if (!engineFailedIn(error, host)) throw error;
  });
}

/** A lab for the scenario, with the mutation if one is given. */
async function buildLab(request: RunRequest): Promise<Lab> {
  const { engine, images, scenario, parameters, mutation, anyway } = request;
  const { agent, pair } = images.system;
  if (pair && mutation)
    throw new CannotRun('A mutation alters what the controller writes, and the pair has no controller.');
  const why = anyway ? undefined : await whyNot(scenario, images.system);
  if (why !== undefined) throw new CannotRun(why);
  const cannot =
    agent && AGENTS[agent].cannot({ heartbeatIntervalS: scenario.heartbeats?.heartbeat_interval });
  if (cannot !== undefined) throw new CannotRun(cannot);
  const loadBalancer = loadBalancerOf(scenario.loadBalancer ?? {});
  const lab = await createLab({
    ...{ engine, images, loadBalancer },
    settings: settingsOf(parameters),
    ...(mutation && { imageFiles: imageFilesOf(mutation, loadBalancer.id) }),
    ...(scenario.heartbeats && { health: { settings: scenario.heartbeats } }),
  });
  if (mutation) await plant(lab, mutation);
  return lab;
}

/** Runs the story and has everything observed; `learn` receives each fact as soon as it is known. */
async function observeRun(
  request: RunRequest,
  lab: Lab,
  log: ObservationLog,
  { learn, onSteady }: { learn(known: Partial<RunFacts>): void; onSteady(): void },
): Promise<void> {
  const { scenario, folder, left } = request;
  const checks: RunResult['checks'] = [];
  const measures: RunFacts['measures'] = {};
  learn({ checks, measures });
  await using observers = await Observers.start(lab, log, folder);
  learn({ journals: observers.journals });
  const versionsAsked = left?.versions ?? versionsOf(lab);
  const probe = probeFor(scenario.model);
  // One that is alone has no election. Until then nobody answers: observers would only take processors from what boots.
  const isElected = lab.nodes.length > 1 && (await elected(lab, log));
  observers.watch(lab, HELD);
  request.onStage?.('waiting for steady traffic');
  // A backup that has just booted knows its master from the first advertisement that it hears.
  const steady = await untilSteady(lab, isExact(scenario.model, pairUnder(request.parameters)));
  onSteady();
  // What is asked long before the fault tells nothing, and takes processors from other labs.
  if (isElected) await advertised(lab, log, request.phaseShare, TRAFFIC_MS);
  observers.probe(lab, probe);
  const [configurations, { roles, pair }, versions] = await Promise.all([
    keepConfigurations(lab, folder),
    pairNow(lab),
    versionsAsked,
    served({ log, checks }, 'traffic served before the fault', STEADY_REQUESTS),
    observers.packetsRead(),
  ]);
  const { master, backup, others } = roles;
  learn({ versions, configurations, pair });
  checks.push({ name: 'one VIP holder before the fault', status: 'passed', detail: master.instance.name });
  checks.push({ name: 'a steady pair before the fault', status: 'passed', detail: steady });

  request.onStage?.('failing over');
  try {
    await tellWhole(scenario, {
      ...{ lab, log, master, backup, others, checks, measures, probe },
      atPhase: () => advertised(lab, log, request.phaseShare, READY_MS),
    });
    await settle(
      { log, checks, packetsRead: (untilNs) => observers.packetsRead(untilNs) },
      probe,
      scenario.ends,
    );
  } catch (error) {
    learn(endOf(error, request.engine));
    // What clients got by then counts too, where there is still somebody to tell.
    await fatesKnown(log, probe).catch(() => {});
    await request.onFailure?.(lab);
  }
}

/**
 * Why a run ended early: it was not possible, or it failed.
 *
 * @throws when a disk is full: what was observed is not whole
 */
function endOf(error: unknown, { host }: Engine): Pick<RunFacts, 'failure' | 'skipped'> {
  const diskFull = diskFullIn(error);
  if (diskFull) throw diskFull;
  if (
    error instanceof CannotRun ||
    error instanceof NoController ||
    error instanceof NoIpvs ||
    error instanceof NotInOctavia
  )
    return { skipped: error.message };
  const cause = engineFailedIn(error, host) ?? labGoneIn(error) ?? error;
  return {
    failure:
      cause instanceof Error
        ? { name: cause.name, message: cause.message }
        : { name: 'Error', message: String(cause) },
  };
}

/** What runs on the first machine, and what it names of what does not run there. */
export async function versionsOf(lab: Lab): Promise<RunFacts['versions']> {
  const [node] = lab.nodes;
  if (!node) return {};
  const running = await runningVersions(lab, node);
  const runAll = PROGRAMS.every((program) => running[program] !== undefined);
  return runAll ? running : { ...(await lab.versionsOf(node)), ...running };
}

/** Copies what keepalived and HAProxy of each amphora were started with: the model is read from there. */
export async function keepConfigurations(lab: Lab, folder: string): Promise<RunFacts['configurations']> {
  const kept = await Promise.all(
    lab.nodes.map(async (amphora) => {
      const { instance } = amphora;
      const { keepalived, haproxy } = await configurationOf(lab, amphora);
      const files = {
        keepalived: `${instance.name}.keepalived.conf`,
        haproxy: `${instance.name}.haproxy.cfg`,
      };
      await Promise.all([
        writeFile(join(folder, files.keepalived), keepalived),
        writeFile(join(folder, files.haproxy), haproxy),
      ]);
      return [instance.name, files] as const;
    }),
  );
  return Object.fromEntries(kept);
}

/** What one of the machines of a lab advertises. */
function advertisementIn({ nodes }: Lab) {
  const names = nodes.map(({ instance }) => instance.name);
  return (entry: Observation): entry is FrameObservation =>
    entry.kind === 'frame' &&
    entry.direction === 'in' &&
    entry.frame.type === 'vrrp' &&
    names.includes(entry.port);
}

/** Whether a machine advertises that it is the master, once it does. */
async function elected(lab: Lab, log: ObservationLog): Promise<boolean> {
  try {
    await log.waitFor({
      what: 'the first advertisement of a master',
      limitMs: SERVICE_LIMIT_MS,
      look: first(advertisementIn(lab)),
    });
    return true;
  } catch (error) {
    if (!(error instanceof NotObserved)) throw error;
    // keepalived is asked next, and its answer explains more.
    return false;
  }
}

/**
 * The next instant that lies this share of the interval after an advertisement of the master, ns since the epoch: they come
 * at even distances. Without advertisements, as in a SINGLE topology, any instant will do.
 *
 * @param readyMs resolves so long before it
 */
async function advertised(
  lab: Lab,
  log: ObservationLog,
  phaseShare: number,
  readyMs: number,
): Promise<bigint> {
  if (lab.nodes.length === 1) return BigInt(Date.now()) * 1_000_000n;
  const intervalMs = lab.timing.advertIntMs;
  const phaseMs = phaseShare * intervalMs;
  const isAdvertisement = advertisementIn(lab);
  const last =
    log.entries.findLast(isAdvertisement) ??
    (await log.waitFor({
      what: 'an advertisement of the master',
      limitMs: 3 * intervalMs,
      look: first(isAdvertisement),
    }));
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const sinceMs = Number(nowNs - BigInt(last.atNs)) / 1e6;
  const intervals = Math.max(0, Math.ceil((sinceMs + readyMs - phaseMs) / intervalMs));
  const afterLastMs = phaseMs + intervals * intervalMs;
  await delay(afterLastMs - sinceMs - readyMs);
  return BigInt(last.atNs) + BigInt(Math.round(afterLastMs * 1e6));
}
