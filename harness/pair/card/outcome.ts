import { type Bounds, excessOver } from '../../analysis/model/bounds.ts';
import { length } from '../../analysis/statistics/milliseconds.ts';
import type { RunResult, ScenarioResult } from '../../result/result.ts';
import type { EventName, Predicted } from '../failures/prediction.ts';

type Episode = RunResult['episodes'][number];

/** How much software and the machine may add before the card says that a figure is not as predicted, ms. */
const TOLERANCE_MS = 60;

/** An outage that was watched for less may still have ended, ms. */
const UNSERVED_MIN_MS = 5000;

/** An outage that begins earlier before an event is not its own, ms. */
const EARLY_MAX_MS = 100;

/** What happened when it was tried. */
export interface Measured {
  readonly moves: boolean;
  /** Who held the address in the end; undefined where nobody did. */
  readonly holder: string | undefined;
  readonly outageMs: number;
  /** Clients were served again before observation ended; otherwise the outage is at least so long. */
  readonly over: boolean;
  readonly uncertaintyMs: number;
}

/** An event of the card: what the configurations make of it, and what was measured. */
export interface Outcome {
  readonly event: EventName;
  readonly predicted: Predicted;
  readonly measured?: Measured;
  /** Why nothing was measured. */
  readonly missing?: string;
}

/** The scenario that measures an event; where the old master takes the VIP back, another one tells the return. */
export function scenarioOf(event: EventName, takesBack: boolean): string {
  return event === 'return' && takesBack ? 'master-return-rocky' : SCENARIO_OF[event];
}

const SCENARIO_OF: Readonly<Record<EventName, string>> = {
  'power-off': 'master-kill',
  'link-down': 'port-cut',
  'keepalived-stopped': 'keepalived-stop',
  'keepalived-dead': 'keepalived-kill',
  'haproxy-dead': 'haproxy-stop',
  'haproxy-hung': 'haproxy-hang',
  'peers-cut': 'partition',
  'peers-back': 'partition',
  return: 'master-return',
  'second-power-off': 'third-machine',
};

/** Reads from a scenario's runs what an event did. */
export function outcomeOf(predicted: Predicted, scenario: ScenarioResult | undefined): Outcome {
  const { event } = predicted;
  const missing = (reason: string): Outcome => ({ event, predicted, missing: reason });
  if (predicted.interface !== undefined)
    return missing('the lab pulls the cable of the interface that carries the address alone');
  if (!scenario) return missing('its scenario was not run');
  const run = judgedRun(scenario);
  if (!run)
    return missing(scenario.runs[0]?.reason ?? scenario.reason ?? 'no run of its scenario came to an end');
  const number = episodeFor(event, run.episodes);
  const episode = run.episodes[number];
  if (!episode || episode.metrics.outage === undefined)
    return missing(run.reason ?? 'its scenario ended before it');
  const { outage, outageFrom = 0, uncertainty = 0, vipAdded } = episode.metrics;
  if (outageFrom < -EARLY_MAX_MS)
    return missing(`clients were without service already ${length(-outageFrom)} before it`);
  if (episode.over === false && outage < UNSERVED_MIN_MS)
    return missing(`its scenario ended ${length(outage)} after clients were last served`);
  const dueMs = predicted.movesAfter?.max ?? 0;
  if (vipAdded === undefined && watchedMs(run, episode) < dueMs)
    return missing(`its scenario does not watch long enough: the address is to move after ${length(dueMs)}`);
  const next = run.episodes[number + 1];
  const untilMs = next ? sinceFault(run, next) : Number.POSITIVE_INFINITY;
  const holder = holderAfter(run, untilMs);
  return {
    ...{ event, predicted },
    measured: {
      moves: vipAdded !== undefined && hasTaken(holder, run, sinceFault(run, episode), untilMs),
      holder,
      outageMs: outage,
      over: episode.over !== false,
      uncertaintyMs: uncertainty,
    },
  };
}

/** The run that an event is read from. */
export function judgedRun({ runs }: Pick<ScenarioResult, 'runs'>): RunResult | undefined {
  return runs.find(({ status }) => status === 'passed' || status === 'failed');
}

function episodeFor(event: EventName, episodes: readonly Episode[]): number {
  const last = (kind: Episode['kind']) => episodes.findLastIndex((episode) => episode.kind === kind);
  if (event === 'return' || event === 'peers-back') return last('heal');
  if (event === 'second-power-off') return last('fault');
  return episodes.findIndex(({ kind }) => kind === 'fault');
}

/** Who held the VIP before the fault, as the run's own check has it. */
export function holderBefore({ checks }: Pick<RunResult, 'checks'>): string | undefined {
  return checks.find(({ name }) => name === 'one VIP holder before the fault')?.detail;
}

/** How long a run was watched after an episode: the pair advertises until the end. */
function watchedMs(run: RunResult, episode: Episode): number {
  return (run.events.at(-1)?.atMs ?? 0) - sinceFault(run, episode);
}

/** When an episode was, ms after the one that the run is judged by. */
function sinceFault({ faultAt }: RunResult, { at }: Episode): number {
  return faultAt ? Number(BigInt(at.ns) - BigInt(faultAt.ns)) / 1e6 : 0;
}

/** Whether who holds the address afterwards took it in this episode; another may have taken it for a moment. */
function hasTaken(
  holder: string | undefined,
  { events }: RunResult,
  fromMs: number,
  untilMs: number,
): boolean {
  return events.some(
    ({ atMs, source, kind, detail }) =>
      kind === 'address' && detail === 'VIP added' && source === holder && atMs >= fromMs && atMs < untilMs,
  );
}

/** Who took the address last, of those that still held it when the next thing was done. */
function holderAfter(run: RunResult, untilMs: number): string | undefined {
  const holders = new Set([holderBefore(run)]);
  for (const { atMs, source, kind, detail } of run.events) {
    if (kind !== 'address' || atMs >= untilMs) continue;
    holders.delete(source);
    if (detail === 'VIP added') holders.add(source);
  }
  return [...holders].at(-1);
}

/** Whether clients stayed without service. */
export function isUnserved({ measured }: Outcome): boolean {
  return measured?.over === false;
}

/** Whether what was measured is what the configurations make of it; undefined where one of them is not known. */
export function isAsPredicted({
  measured,
  predicted: { moves, holder, orHolders = [], outage },
}: Outcome): boolean | undefined {
  if (!measured || !outage || moves === undefined) return undefined;
  if (measured.moves !== moves || (moves && ![holder, ...orHolders].includes(measured.holder))) return false;
  if (!measured.over) return outage.min === Number.POSITIVE_INFINITY;
  if (outage.min === Number.POSITIVE_INFINITY) return false;
  return Math.abs(excessOver(outage, measured.outageMs)) <= measured.uncertaintyMs + TOLERANCE_MS;
}

/** An event as `--json` prints it: lengths in ms, null where something is not known or has no end. */
export function outcomeJson(outcome: Outcome): object {
  const { event, measured, missing, predicted } = outcome;
  const { target, file, line, advice } = predicted;
  return {
    ...{ event, target },
    ...(predicted.interface !== undefined && { interface: predicted.interface }),
    moves: measured?.moves ?? null,
    holder: measured?.holder ?? null,
    outageMs: measured?.outageMs ?? null,
    served: measured?.over ?? null,
    predicted: {
      moves: predicted.moves ?? null,
      holder: predicted.holder ?? null,
      outage: predicted.outage ? boundsJson(predicted.outage) : null,
    },
    asPredicted: isAsPredicted(outcome) ?? null,
    because: becauseOf(predicted),
    ...{ file, line },
    ...(advice !== undefined && { advice }),
    ...(missing !== undefined && { missing }),
  };
}

function boundsJson({ min, max }: Bounds): object {
  const finite = (ms: number) => (Number.isFinite(ms) ? ms : null);
  return { min: finite(min), max: finite(max) };
}

/** The cause with its place: `chk has weight −2: … (a/etc/keepalived/keepalived.conf:14).` */
export function becauseOf({ because, file, line }: Predicted): string {
  return `${because.replace(/\.$/, '')} (${file}:${line}).`;
}
