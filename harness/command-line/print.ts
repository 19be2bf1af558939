import { terminalSummary } from '../report/terminal.ts';
import { colorsOf, terminalColumns, wrapped } from '../report/terminal-text.ts';
import type { Result } from '../result/result.ts';
import type { BrokenScenario } from '../scenario/catalogue.ts';

/** Writes text for people, wrapped between words at the terminal's width. */
export function print(text: string, out: NodeJS.WriteStream = process.stdout): void {
  out.write(wrapped(text, terminalColumns(out)));
}

/**
 * Writes a result for people, followed by `more`; to standard error where JSON goes to standard output.
 */
export function printResult(result: Result, more: readonly string[], json?: unknown): void {
  if (json !== undefined) process.stdout.write(`${JSON.stringify(json)}\n`);
  const out = json === undefined ? process.stdout : process.stderr;
  print(`${[terminalSummary(result, colorsOf(out)), ...more].join('\n\n')}\n`, out);
}

/** Reports on standard error which files in scenarios/ were left out, and why. */
export function sayBroken(broken: readonly BrokenScenario[]): void {
  for (const { sentence } of broken) print(`left out: ${sentence}\n`, process.stderr);
}
