import { readVrrpConfiguration } from '../model/keepalived-configuration.ts';
import { asBounds, type Bounds, excessOver, type Prediction } from '../model/prediction.ts';
import type { LabObservation } from '../observe/observation.ts';
import type { RunResult } from '../report/result.ts';
import { readTimeline } from '../timeline/timeline.ts';
import { disturbanceOf, instrumentBroken } from './disturbance.ts';
import type { Pair, RunFacts, StoredRun } from './facts.ts';

/** What a busy machine may add to the protocol's time. */
const TOLERANCE_MS = 150;

/**
 * The verdict on a stored run: passed, failed, or invalid when the machine disturbed it. Pure: the same
 * run is judged alike whenever it is read.
 *
 * @param model what the scenario says that the protocol demands
 */
// biome-ignore lint/suspicious/noExplicitAny: scenarios know their own parameters
export function judge(stored: StoredRun, model: (known: Prediction<any>) => number | Bounds): RunResult {
  const { facts, history } = stored;
  const base = {
    index: facts.index,
    labUpMs: facts.labUpMs,
    wallMs: facts.wallMs,
    versions: facts.versions,
    artifacts: artifactsOf(facts),
  };
  const broken = instrumentBroken(stored);
  const nothingMeasured = (reason: string): RunResult => ({
    ...base,
    status: broken === undefined ? 'failed' : 'invalid',
    reason: broken ?? reason,
    metrics: {},
    episodes: [],
    events: [],
    checks: [...facts.checks],
  });
  const fault = history.find(
    (entry): entry is LabObservation =>
      entry.kind === 'lab' && entry.what !== 'heal' && entry.what !== 'step',
  );
  const { failure, pair, skipped, measures } = facts;
  if (skipped !== undefined) return { ...nothingMeasured(skipped), status: 'skipped', reason: skipped };
  if (!pair) {
    return nothingMeasured(failure ? `${failure.name}: ${failure.message}` : 'The run was cut short.');
  }
  if (!fault) return nothingMeasured(failure?.message ?? 'The scenario injected no fault.');

  const timeline = readTimeline(history, { ...pair, fault, probeIntervalMs: facts.probe.intervalMs });
  const { metrics } = timeline;
  const demanded = asBounds(
    model({
      backupPriority: pair.backup.priority,
      phaseMs: metrics.advertPhase ?? 0,
      ...renderedParameters(stored, pair),
    }),
  );
  const outage = metrics.outage ?? Number.NaN;
  const checks = [...facts.checks, outageCheck(outage, demanded, metrics.uncertainty)];
  const disturbance = broken ?? disturbanceOf(stored, fault, timeline);
  const failed = checks.find((check) => check.status === 'failed');
  const reason = disturbance ?? failure?.message ?? (failed && `${failed.name}: ${failed.detail}`);
  return {
    ...base,
    status: disturbance ? 'invalid' : reason ? 'failed' : 'passed',
    ...(reason !== undefined && { reason }),
    faultAt: {
      iso: new Date(Number(timeline.faultNs / 1_000_000n)).toISOString(),
      ns: String(timeline.faultNs),
    },
    metrics: {
      ...metrics,
      ...measures,
      ...(Number.isFinite(outage) && { excess: excessOver(demanded, outage) }),
    },
    ...(timeline.phases && { phases: { ...timeline.phases } }),
    ...(timeline.packetPhases && { packetPhases: { ...timeline.packetPhases } }),
    predicted: { outage: demanded },
    episodes: [],
    checks,
    events: [...timeline.events],
  };
}

/**
 * What the pair was really told, where its configuration is kept: the interval and the checks are those of the
 * rendered files, not of what was asked for. A master that advertises tells its own interval.
 */
function renderedParameters(
  { facts, configurations }: StoredRun,
  { master, backup }: Pair,
): Pick<Prediction, 'advertIntMs' | 'parameters'> & { backupPriority?: number } {
  const read = (node: string) => readVrrpConfiguration(configurations[node]?.keepalived ?? '');
  const [leader, follower] = [read(master.node), read(backup.node)];
  if (!leader || !follower) {
    return { advertIntMs: Number(facts.parameters.advert_int) * 1000, parameters: facts.parameters };
  }
  return {
    advertIntMs: leader.advertIntMs,
    backupPriority: follower.priority,
    parameters: {
      ...facts.parameters,
      vrrp_version: leader.version,
      advert_int: leader.advertIntMs / 1000,
      garp_refresh_interval: follower.garpRefreshMs / 1000,
      ...(leader.check && { check_interval: leader.check.intervalMs / 1000, fail_count: leader.check.fall }),
    },
  };
}

function outageCheck(outage: number, demanded: Bounds, uncertainty: number): RunResult['checks'][number] {
  const slack = uncertainty + TOLERANCE_MS;
  const within = outage >= demanded.min - slack && outage <= demanded.max + slack;
  return {
    name: 'outage as the protocol demands',
    status: within ? 'passed' : 'failed',
    detail: `measured ${outage.toFixed(1)} ms, demanded ${demanded.min.toFixed(1)} to ${demanded.max.toFixed(1)} ms, ± ${uncertainty.toFixed(1)} ms and ${TOLERANCE_MS} ms for the machine`,
  };
}

function artifactsOf({ journals, pair }: RunFacts): RunResult['artifacts'] {
  return { ...(pair && { capture: 'capture.pcapng' }), logs: Object.values(journals) };
}
