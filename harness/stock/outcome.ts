import { table } from '../report/terminal-text.ts';
import { ENGINES, type EngineName, MACHINES, MARK, type MachineName } from './plan.ts';

/** What a check gave. */
export interface Outcome {
  readonly machine: MachineName;
  readonly engine: EngineName;
  readonly check: string;
  /** Exit code of the testbed: 0 is good. */
  readonly exitCode: number;
  /** How long it took by the guest's clock. */
  readonly seconds: number;
  /** ISO 8601, the day. */
  readonly date: string;
  readonly kernel: string;
  /** The version of the engine's Debian package. */
  readonly engineVersion: string;
  /** The last lines that it printed. */
  readonly lines: readonly string[];
}

/** What is read from a guest. */
export type GuestEvent =
  | { readonly kind: 'kernel'; readonly kernel: string }
  | { readonly kind: 'begin'; readonly check: string }
  | {
      readonly kind: 'end';
      readonly check: string;
      readonly exitCode: number;
      readonly seconds: number;
      readonly lines: readonly string[];
    };

const LINES_KEPT = 40;

/** Reads what a guest prints, line by line. */
export class GuestReader {
  #lines: string[] = [];

  /** The event that a line completes, if any. */
  read(line: string): GuestEvent | undefined {
    const [mark, kind, name = '', ...figures] = line.trim().split(' ');
    if (mark !== MARK) {
      this.#lines = [...this.#lines, line.trimEnd()].slice(-LINES_KEPT);
      return undefined;
    }
    if (kind === 'kernel') return { kind, kernel: name };
    if (kind === 'begin') {
      this.#lines = [];
      return { kind, check: name };
    }
    if (kind === 'end') {
      const [exitCode = 1, from = 0, to = 0] = figures.map(Number);
      return { kind, check: name, exitCode, seconds: to - from, lines: this.#lines };
    }
    return undefined;
  }
}

/** What a check's outcome is called: a scenario that does not apply ends well and says so. */
export function verdictOf({ exitCode, lines }: Pick<Outcome, 'exitCode' | 'lines'>): string {
  if (exitCode === 0)
    return lines.some((line) => /\b0 passed\b.*\bskipped|^\s*skipped\b/.test(line)) ? 'skipped' : 'good';
  if (exitCode === 4) return 'no verdict';
  // timeout(1)
  return exitCode === 124 ? 'too slow' : `exit ${exitCode}`;
}

/** The outcomes with a new one, which replaces that of the same cell. */
export function withOutcome(outcomes: readonly Outcome[], added: Outcome): readonly Outcome[] {
  return [...outcomes.filter((each) => cellOf(each) !== cellOf(added)), added];
}

function cellOf({ machine, engine, check }: Outcome): string {
  return [machine, engine, check].join(' ');
}

const HEAD = ['machine', 'engine', 'check', 'result', 'guest’s seconds', 'date'];

function rowsOf(outcomes: readonly Outcome[]): readonly (readonly string[])[] {
  return outcomes.map((outcome) => [
    `${MACHINES[outcome.machine].title}, kernel ${outcome.kernel}`,
    `${ENGINES[outcome.engine].title} ${outcome.engineVersion}`,
    outcome.check,
    verdictOf(outcome),
    outcome.seconds.toFixed(0),
    outcome.date,
  ]);
}

/** The table for a terminal. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  return table(HEAD, rowsOf(outcomes));
}

/** The table for docs/tested-on.md. */
export function outcomeMarkdown(outcomes: readonly Outcome[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(HEAD), line(HEAD.map(() => '---')), ...rowsOf(outcomes).map(line)].join('\n');
}
