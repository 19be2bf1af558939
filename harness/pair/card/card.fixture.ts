import type { RunResult, ScenarioResult } from '../../result/result.ts';
import { check, predicted, TRACKED, type Written } from '../failures/failures.fixture.ts';
import type { EventName } from '../failures/prediction.ts';
import { type Outcome, outcomeOf } from './outcome.ts';

/** What a run saw of an episode, ms after the first fault. */
export interface Seen {
  readonly kind?: 'fault' | 'heal';
  readonly atMs?: number;
  readonly outage: number;
  readonly outageFrom?: number;
  readonly over?: boolean;
  /** The VIP came to another node. */
  readonly vipAdded?: number;
}

/** A run of a pair whose node a held the VIP. */
export function scenarioWith(
  episodes: readonly Seen[],
  moves: readonly (readonly [atMs: number, node: string, change: string])[] = [],
  status: RunResult['status'] = 'failed',
): ScenarioResult {
  const at = (ms: number) => ({ iso: '', ns: String(1_000_000_000_000 + ms * 1e6) });
  const run = {
    ...{
      index: 1,
      status,
      labUpMs: 0,
      wallMs: 0,
      faultAt: at(0),
      metrics: {},
      versions: { keepalived: '2.2.7' },
    },
    ...(status === 'invalid' && { reason: 'The machine was too busy.' }),
    checks: [{ name: 'one VIP holder before the fault', status: 'passed', detail: 'a' }],
    events: moves.map(([atMs, source, detail]) => ({ atMs, source, kind: 'address', detail })),
    artifacts: { logs: [] },
    episodes: episodes.map(({ kind = 'fault', atMs = 0, over = true, outage, outageFrom = 0, vipAdded }) => ({
      ...{ kind, name: kind, target: 'a', judged: true, over, at: at(atMs) },
      metrics: { outage, outageFrom, uncertainty: 5, ...(vipAdded !== undefined && { vipAdded }) },
    })),
  } satisfies RunResult;
  return { ...{ name: 's', title: 's', status, parameters: {}, runs: [run], summary: {} } };
}

/** The pair of the documentation: a weight of −2 between 101 and 98. */
export const LIGHT: readonly Written[] = [101, 98].map((priority) => ({
  priority,
  instance: TRACKED,
  more: check('"/usr/bin/pidof haproxy"', 'weight -2'),
}));

export function outcome(event: EventName, scenario?: ScenarioResult, nodes = LIGHT): Outcome {
  return outcomeOf(predicted(event, nodes), scenario);
}

/** Three events of that pair: served, not served, not measured. */
export const OUTCOMES: readonly Outcome[] = [
  outcome('power-off', scenarioWith([{ outage: 3100, vipAdded: 3090 }], [[3090, 'b', 'VIP added']])),
  outcome('haproxy-dead', scenarioWith([{ outage: 20_000, over: false }])),
  outcome('peers-cut', scenarioWith([], [], 'invalid')),
];
