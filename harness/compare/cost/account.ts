import { compare } from '../../analysis/statistics/compare.ts';
import { programOf } from '../../lab/fabric/found-processes.ts';
import { isJudged } from '../../result/measured.ts';
import type { Result } from '../../result/result.ts';
import type { Timing } from '../../result/timings.ts';
import { isAgent } from '../../system/agents.ts';
import type { MachineUsed } from './machine.ts';

/** Where a process runs. */
export type Place = 'command' | 'amphorae' | 'fabric' | 'engine';

/** A process as it was seen last. */
export interface Seen {
  readonly place: Place;
  /** Its command line. */
  readonly command: string;
  readonly cpuMs: number;
}

/** Processor time, ms; the shares add up to the total. */
export interface Used {
  readonly totalMs: number;
  readonly shares: Readonly<Record<string, number>>;
}

/** The ways in which kills are measured. */
export const WAYS = ['single', 'parallel', 'reuse'] as const;
export type Way = (typeof WAYS)[number];

/** What a command's runs took, and what came of them. */
export interface Cost {
  readonly used: Used;
  readonly machine: MachineUsed;
  /** Runs that count, and those that the machine disturbed. */
  readonly valid: number;
  readonly invalid: number;
  /** By valid run, ms. */
  readonly excessMs: readonly number[];
  /** Where the time went: of the command, and of each valid run; earlier versions do not tell. */
  readonly timings: { readonly command: readonly Timing[]; readonly runs: readonly (readonly Timing[])[] };
}

/** What is left of a place's total: programs that nobody saw, and what the others did after they were seen last. */
const UNSEEN: Readonly<Record<Place, string>> = {
  command: 'the command’s short-lived programs',
  amphorae: 'amphorae: short-lived programs',
  fabric: 'fabric: short-lived programs',
  engine: 'the engine',
};

/** Processor time by program. */
export function sharesOf(totals: Readonly<Record<Place, number>>, seen: readonly Seen[]): Used {
  const shares: Record<string, number> = {};
  const left = { ...totals };
  for (const process of seen) {
    const name = programName(process);
    shares[name] = (shares[name] ?? 0) + process.cpuMs;
    left[process.place] -= process.cpuMs;
  }
  for (const [place, ms] of Object.entries(left) as [Place, number][]) {
    // Ticks of processes are coarser than their total.
    if (ms > 0) shares[UNSEEN[place]] = (shares[UNSEEN[place]] ?? 0) + ms;
  }
  return { totalMs: Object.values(shares).reduce((sum, ms) => sum + ms, 0), shares };
}

/** The names of what takes most, by what stands in a command line. */
const OF_THE_COMMAND: readonly (readonly [RegExp, string])[] = [
  [/\bava\b.*\bcli\.m?js\b|\/ava\/lib\//, 'AVA'],
  [/worker-main/, 'processes that perform runs'],
  [/reaper-main/, 'reapers'],
  [/esbuild/, 'esbuild'],
  [/command-line\/(?:main|amphora-testbed)\b/, 'command line'],
];

function programName({ place, command }: Pick<Seen, 'place' | 'command'>): string {
  if (place === 'command')
    return OF_THE_COMMAND.find(([pattern]) => pattern.test(command))?.[1] ?? UNSEEN.command;
  const program = programOf(command);
  if (place === 'fabric')
    return `fabric: ${{ node: 'daemon', haproxy: 'back ends' }[program] ?? (KEPT.has(program) ? program : 'short-lived programs')}`;
  if (isAgent(command)) return 'amphorae: agent';
  if (program === 'init' || program.startsWith('systemd')) return 'amphorae: systemd and journald';
  return KEPT.has(program) ? `amphorae: ${program}` : UNSEEN.amphorae;
}

/** Programs that are named; all others are short-lived. */
const KEPT = new Set(['keepalived', 'haproxy', 'tcpdump', 'trafgen', 'ip', 'journalctl']);

/** What a command's runs took, from its result. */
export function costOf(
  { used, machine }: Pick<Cost, 'used' | 'machine'>,
  { scenarios, timings = [] }: Pick<Result, 'scenarios' | 'timings'>,
): Cost {
  const runs = scenarios.flatMap((scenario) => scenario.runs);
  const valid = runs.filter(isJudged);
  return {
    ...{
      used,
      machine,
      valid: valid.length,
      invalid: runs.filter(({ status }) => status === 'invalid').length,
    },
    excessMs: valid.flatMap(({ metrics }) => metrics.excess ?? []),
    // The benchmark's own npm is above the command too, and did not start it.
    timings: {
      command: timings.filter(({ part }) => part !== 'npm'),
      runs: valid.map((run) => run.timings ?? []),
    },
  };
}

/** Processor time per valid run, ms; invalid runs cost and give nothing. */
export function perRun({ used, valid }: Pick<Cost, 'used' | 'valid'>): number {
  return used.totalMs / valid;
}

/** How much one side costs of the other. */
export interface Ratio {
  readonly ratio: number;
  /** 95 %, of Hodges and Lehmann; null where there are too few rounds. */
  readonly interval: readonly [number, number] | null;
}

/** The ratio of A's costs to B's: costs differ by factors, so that their logarithms are compared. */
export function ratioOf(a: readonly Cost[], b: readonly Cost[]): Ratio {
  const logs = (costs: readonly Cost[]) =>
    costs.filter(({ valid }) => valid > 0).map((cost) => Math.log(perRun(cost)));
  const { effect, interval } = compare(
    { values: logs(b) },
    { values: logs(a) },
    { minimumEffectMs: 0, alpha: 0.05 },
  );
  const [low, high] = interval ?? [];
  return {
    ratio: Math.exp(effect),
    interval: low == null || high == null ? null : [Math.exp(low), Math.exp(high)],
  };
}
