import { setTimeout as delay } from 'node:timers/promises';
import type { CapturedWaits, LoadResult } from '../../lab/fabric/request-load.ts';
import type { LatencyLab } from './latency-lab.ts';

/** What the service goes through while requests wait. */
export const OCCASIONS = ['steady', 'reloads', 'failover'] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** How the waits of a block came about: what a table has a row for. */
export const ROWS = ['steady', 'closed loop', 'reloads', 'failover'] as const;
export type Row = (typeof ROWS)[number];

/** What one block measured. */
export interface Block {
  readonly row: Row;
  readonly waits: CapturedWaits;
  /** By how much the client was late with a request of its schedule, at worst. */
  readonly lateMs: number;
}

/** What was measured of one side. */
export interface Measured {
  readonly blocks: readonly Block[];
  readonly connectionsPerSecond: readonly number[];
}

/** 250 requests a second, each with the patience of a browser. */
export const SCHEDULE = { kind: 'schedule', intervalMs: 4 } as const;
export const ONE_CLIENT = { kind: 'closed loop', clients: 1 } as const;
export const RUSH = { kind: 'closed loop', clients: 16 } as const;
export const PATIENCE_MS = 10_000;
const STEADY_MS = 2000;
const CLOSED_LOOP_MS = 1500;
const RUSH_MS = 1000;
const RELOAD_EVERY_MS = 1000;
const RELOADS = 3;
/** The cut, a master-down interval, and what follows it. */
const FAILOVER_MS = 7000;
const CUT_AFTER_MS = 1000;
/** The pair has settled again when a second of requests waits no longer than this. */
const SETTLED_MS = 250;
const SETTLE_LIMIT_MS = 60_000;

export const BLOCK_OF: Readonly<Record<Occasion, (lab: LatencyLab) => Promise<Measured>>> = {
  steady: steadyBlock,
  reloads: reloadsBlock,
  failover: failoverBlock,
};

async function steadyBlock(lab: LatencyLab): Promise<Measured> {
  const rush = await lab.load({
    regime: RUSH,
    durationMs: RUSH_MS,
    patienceMs: PATIENCE_MS,
    captured: false,
  });
  const steady = await lab.load({
    ...{ regime: SCHEDULE, durationMs: STEADY_MS, patienceMs: PATIENCE_MS, captured: true },
  });
  const closed = await closedLoop(lab);
  return {
    blocks: [blockOf('steady', steady), blockOf('closed loop', closed)],
    connectionsPerSecond: [rush.answered / (rush.durationMs / 1000)],
  };
}

/** One client, which asks again when it has its answer, as `ab -c 1` does. */
export function closedLoop(lab: LatencyLab): Promise<LoadResult> {
  return lab.load({
    ...{ regime: ONE_CLIENT, durationMs: CLOSED_LOOP_MS, patienceMs: PATIENCE_MS, captured: true },
  });
}

async function reloadsBlock(lab: LatencyLab): Promise<Measured> {
  const before = await settled(lab);
  const result = await lab.load(
    { regime: SCHEDULE, durationMs: RELOADS * RELOAD_EVERY_MS, patienceMs: PATIENCE_MS, captured: true },
    async () => {
      for (let n = 0; n < RELOADS; n++) {
        await delay(n === 0 ? RELOAD_EVERY_MS / 2 : RELOAD_EVERY_MS);
        await lab.reload(before);
      }
    },
  );
  return { blocks: [blockOf('reloads', result)], connectionsPerSecond: [] };
}

/** The master loses its network, as it does when it loses its power, and gets it back. */
async function failoverBlock(lab: LatencyLab): Promise<Measured> {
  const before = await settled(lab);
  const result = await lab.load({
    ...{ regime: SCHEDULE, durationMs: FAILOVER_MS, patienceMs: PATIENCE_MS, captured: true },
    meanwhile: { afterMs: CUT_AFTER_MS, argv: lab.switchPort(before, 'down') },
  });
  await lab.run(lab.switchPort(before, 'up'));
  await settled(lab);
  return { blocks: [blockOf('failover', result)], connectionsPerSecond: [] };
}

/** Resolves when the service answers a second's requests at once. */
async function settled(lab: LatencyLab): Promise<LoadResult> {
  const limitMs = performance.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const result = await lab.load({
      ...{ regime: SCHEDULE, durationMs: 1000, patienceMs: PATIENCE_MS, captured: true },
    });
    const longestMs = Math.max(...(result.waits?.answeredMs ?? []));
    if (result.failed === 0 && longestMs < SETTLED_MS) return result;
    if (performance.now() < limitMs) continue;
    throw new Error(
      `Within ${SETTLE_LIMIT_MS} ms the service did not settle: in its last second, ${result.failed} requests failed and the longest took ${longestMs} ms.`,
    );
  }
}

function blockOf(row: Row, { waits, lateMs }: LoadResult): Block {
  if (!waits) throw new Error('A block has no capture.');
  return { row, waits, lateMs };
}

/** Both, one after the other. */
export function joined(one: Measured, other: Measured): Measured {
  return {
    blocks: [...one.blocks, ...other.blocks],
    connectionsPerSecond: [...one.connectionsPerSecond, ...other.connectionsPerSecond],
  };
}
