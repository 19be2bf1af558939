import { median } from 'simple-statistics';
import { z } from 'zod';

/** The parts of a run's time from the typed command to its report, in their order, in plain words. */
export const PARTS = {
  npm: 'npm starts',
  command: 'command line: options, engine, images',
  process: 'process that performs the run',
  lab: 'lab: containers and network',
  agents: 'agents answer',
  loadBalancer: 'load balancer is created',
  election: 'first election of a master',
  steady: 'steady state',
  phase: 'traffic, waiting for the phase of the fault',
  outage: 'outage',
  settling: 'settling, end of observation',
  judging: 'judging',
  ava: 'AVA reports',
  tearDown: 'rest of the tear-down',
} as const;
export type Part = keyof typeof PARTS;

const NAMES = Object.keys(PARTS) as readonly Part[];

const ms = z.number();
/** How long a part took; `protocolMs` of it is what the protocol demands. */
const timing = z.object({ part: z.enum(NAMES), ms, protocolMs: ms.optional() });
export type Timing = z.output<typeof timing>;
export const timingsSchema = z.array(timing);

/** CLOCK_MONOTONIC in ms (clock_gettime(2)): one clock for all processes of a machine, which nobody steps. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** When this process was started, on the same clock. */
export function processStartMs(): number {
  return clockMs() - performance.now();
}

/**
 * How long each part took that ended at a known instant. One follows the other; a part that was over before the one
 * before it ended ran beside that, and took nothing.
 *
 * @param fromMs when the first began
 * @param protocol by part, what the protocol demands; a part's share is never more than the part
 */
export function timingsBetween(
  fromMs: number,
  ends: Readonly<Partial<Record<Part, number>>>,
  protocol: Readonly<Partial<Record<Part, number>>> = {},
): readonly Timing[] {
  let lastMs = fromMs;
  return NAMES.flatMap((part) => {
    const endMs = ends[part];
    if (endMs === undefined) return [];
    const ms = Math.max(0, endMs - lastMs);
    lastMs += ms;
    const demanded = protocol[part];
    return [{ part, ms, ...(demanded !== undefined && { protocolMs: Math.min(ms, demanded) }) }];
  });
}

/** The middle of what each part took in several runs, and their sums. */
export interface TimingTable {
  readonly runs: number;
  readonly rows: readonly Timing[];
  readonly totalMs: number;
  readonly protocolMs: number;
}

/**
 * Where the time of a command went: its own parts, and the medians of its runs' parts. Undefined where none was
 * measured.
 *
 * @param command its own parts
 * @param runs of each run that came to a verdict
 */
export function timingTable(
  command: readonly Timing[],
  runs: readonly (readonly Timing[])[],
): TimingTable | undefined {
  const rows = NAMES.flatMap((part) => {
    const of = [command, ...runs].flatMap((timings) => timings.filter((each) => each.part === part));
    if (of.length === 0) return [];
    const protocol = of.flatMap(({ protocolMs }) => protocolMs ?? []);
    return [
      {
        ...{ part, ms: median(of.map((each) => each.ms)) },
        ...(protocol.length > 0 && { protocolMs: median(protocol) }),
      },
    ];
  });
  if (rows.length === 0) return undefined;
  const sum = (of: (row: Timing) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    ...{ runs: runs.length, rows, totalMs: sum((row) => row.ms) },
    protocolMs: sum(({ protocolMs = 0 }) => protocolMs),
  };
}
