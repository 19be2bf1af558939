import { table } from '../report/terminal-text.ts';
import { CHECKS, ENGINES, type EngineName, MACHINES, MARK, type MachineName } from './plan.ts';

/** A check of an engine on a machine, and when it ran. */
interface Checked {
  readonly machine: MachineName;
  readonly engine: EngineName;
  readonly check: string;
  /** ISO 8601. */
  readonly date: string;
  readonly kernel: string;
  /** The version of the engine's Debian package. */
  readonly engineVersion: string;
  /** How long it took by the guest's clock. */
  readonly seconds: number;
}

/** What a check gave. */
export interface Outcome extends Checked {
  /** Exit code of the testbed: 0 is good. */
  readonly exitCode: number;
  /** The last lines that it printed. */
  readonly lines: readonly string[];
}

/** A cell of the tables. */
export interface Cell extends Checked {
  readonly verdict: string;
}

/** How a check ended. */
export type CheckEnd = Pick<Outcome, 'check' | 'exitCode' | 'seconds' | 'lines'>;

/** What is read from a guest. */
export type GuestEvent =
  | { readonly kind: 'kernel'; readonly kernel: string }
  | { readonly kind: 'begin'; readonly checks: readonly string[] }
  | { readonly kind: 'end'; readonly ends: readonly CheckEnd[] };

interface GuestLine {
  /** When it was printed, by the guest's clock. */
  readonly atS: number;
  readonly text: string;
}

/** What ended, with which exit code, and from when to when by the guest's clock. */
interface CommandEnd {
  readonly checks: readonly string[];
  readonly exitCode: number;
  readonly fromS: number;
  readonly toS: number;
  readonly lines: readonly GuestLine[];
}

const LINES_KEPT = 40;

/** Reads what a guest prints, line by line. */
export class GuestReader {
  #lines: GuestLine[] = [];

  /** The event that a line completes, if any. */
  read(line: string): GuestEvent | undefined {
    const [mark, kind, name = '', ...figures] = line.trim().split(' ');
    if (mark !== MARK) {
      const [, seconds, text] = /^(\d+\.\d+) (.*?)\s*$/.exec(line) ?? [];
      if (text !== undefined) this.#lines.push({ atS: Number(seconds), text });
      return undefined;
    }
    if (kind === 'kernel') return { kind, kernel: name };
    const checks = name.split(',');
    if (kind === 'begin') {
      this.#lines = [];
      return { kind, checks };
    }
    if (kind === 'end') {
      const [exitCode = 1, fromS = 0, toS = 0] = figures.map(Number);
      return { kind, ends: endsOf({ checks, exitCode, fromS, toS, lines: this.#lines }) };
    }
    return undefined;
  }
}

/** As the command ends where a scenario is the only one (harness/command-line/errors.ts). */
const EXIT_CODES = { passed: 0, skipped: 0, failed: 1, invalid: 4 } as const;

/** A command that checked one thing ends as that does; of several scenarios each has its own part of the report. */
function endsOf({ checks, exitCode, fromS, toS, lines }: CommandEnd): readonly CheckEnd[] {
  const kept = (part: readonly GuestLine[]) => part.map(({ text }) => text).slice(-LINES_KEPT);
  const [only] = checks;
  if (only !== undefined && checks.length === 1)
    return [{ check: only, exitCode, seconds: toS - fromS, lines: kept(lines) }];
  const parts = lines.flatMap(({ text }, index) => {
    const [, status, name = ''] = /^(passed|skipped|failed|invalid) ([a-z0-9-]+):/.exec(text) ?? [];
    return checks.includes(name) ? [{ name, index, status: status as keyof typeof EXIT_CODES }] : [];
  });
  const took = secondsOfRuns(fromS, lines);
  return checks.map((check) => {
    const seconds = took.get(check) ?? 0;
    const own = parts.findIndex(({ name }) => name === check);
    const part = parts[own];
    // The command may have ended before its report.
    if (!part) return { check, exitCode: exitCode || 1, seconds, lines: kept(lines) };
    const text = lines.slice(part.index, parts[own + 1]?.index);
    return { check, exitCode: EXIT_CODES[part.status], seconds, lines: kept(text) };
  });
}

/** How long each scenario's runs took, one after the other; one that is repeated may end after the next scenario. */
function secondsOfRuns(fromS: number, lines: readonly GuestLine[]): ReadonlyMap<string, number> {
  const took = new Map<string, number>();
  let endedS = fromS;
  for (const { atS, text } of lines) {
    const [, name] = /^\[\d+\/\d+\] \w+ (\S+) run /.exec(text) ?? [];
    if (name === undefined) continue;
    took.set(name, (took.get(name) ?? 0) + atS - endedS);
    endedS = atS;
  }
  return took;
}

/** What a check's outcome is called: a scenario that does not apply ends well and says so. */
export function verdictOf({ exitCode, lines }: Pick<Outcome, 'exitCode' | 'lines'>): string {
  if (exitCode === 0)
    return lines.some((line) => /\b0 passed\b.*\bskipped|^\s*skipped\b/.test(line)) ? 'skipped' : 'good';
  if (exitCode === 4) return 'no verdict';
  // timeout(1)
  return exitCode === 124 ? 'too slow' : `exit ${exitCode}`;
}

export function cellOf(outcome: Outcome): Cell {
  const { machine, engine, check, date, kernel, engineVersion, seconds } = outcome;
  return { machine, engine, check, date, kernel, engineVersion, seconds, verdict: verdictOf(outcome) };
}

/** The newest of each check; of two at the same time, the later in the list. */
export function newestOf<T extends Checked>(all: readonly T[]): readonly T[] {
  const byDate = all.toSorted((a, b) => a.date.localeCompare(b.date));
  return [...new Map(byDate.map((each) => [[each.machine, each.engine, each.check].join(), each])).values()];
}

/** A table of a machine: a column for each of its engines, a row for each check, and the seconds by the guest's clock. */
function gridOf(machine: MachineName, cells: readonly Cell[]): readonly (readonly string[])[] {
  const own = cells.filter((cell) => cell.machine === machine);
  const engines = (Object.keys(ENGINES) as EngineName[])
    .map((engine) => ({ engine, all: own.filter((cell) => cell.engine === engine) }))
    .filter(({ all }) => all.length > 0);
  const checks = CHECKS.filter((check) => own.some((cell) => cell.check === check));
  return [
    [
      `${MACHINES[machine].title}, kernel ${distinct(own.map(({ kernel }) => kernel))}`,
      // Without what Debian adds to the version.
      ...engines.map(
        ({ engine, all }) =>
          `${ENGINES[engine].title} ${distinct(all.map(({ engineVersion }) => engineVersion.split('+')[0]))}`,
      ),
    ],
    ...checks.map((check) => [
      check,
      ...engines.map(({ all }) => {
        const cell = all.find((each) => each.check === check);
        return cell ? `${cell.verdict}, ${cell.seconds.toFixed(0)} s` : '–';
      }),
    ]),
    ['last run', ...engines.map(({ all }) => lastOf(all.map(({ date }) => date.slice(0, 10))))],
  ];
}

function distinct(texts: readonly (string | undefined)[]): string {
  return [...new Set(texts)].sort().join(' and ');
}

function lastOf(dates: readonly string[]): string {
  return dates.toSorted().at(-1) ?? '';
}

function gridsOf(cells: readonly Cell[]): readonly (readonly (readonly string[])[])[] {
  const machines = Object.keys(MACHINES) as MachineName[];
  return machines
    .filter((machine) => cells.some((cell) => cell.machine === machine))
    .map((machine) => gridOf(machine, cells));
}

/** The tables for a terminal. */
export function cellTable(cells: readonly Cell[]): string {
  return gridsOf(cells)
    .map(([head = [], ...rows]) => table(head, rows))
    .join('\n');
}

/** The tables for docs/tested-on.md, as Biome formats them. */
export function cellMarkdown(cells: readonly Cell[]): string {
  return gridsOf(cells).map(markdownTable).join('\n\n');
}

function markdownTable(grid: readonly (readonly string[])[]): string {
  const [head = [], ...rows] = grid;
  const widths = head.map((_, column) => Math.max(...grid.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n');
}
