import { terminalSummary } from '../report/terminal.ts';
import { colorsOf, terminalColumns, wrapped } from '../report/terminal-text.ts';
import type { Result } from '../result/result.ts';
import type { BrokenScenario } from '../scenario/catalogue.ts';

/** Writes what people read: it breaks between words where the terminal ends. */
export function print(text: string, out: NodeJS.WriteStream = process.stdout): void {
  out.write(wrapped(text, terminalColumns(out)));
}

/**
 * Writes a result for people, and what else there is to say of it; on standard error where there is JSON to be written
 * to standard output.
 */
export function printResult(result: Result, more: readonly string[], json?: unknown): void {
  if (json !== undefined) process.stdout.write(`${JSON.stringify(json)}\n`);
  const out = json === undefined ? process.stdout : process.stderr;
  print(`${[terminalSummary(result, colorsOf(out)), ...more].join('\n\n')}\n`, out);
}

/** Says which files in scenarios/ were left out, and why; on standard error. */
export function sayBroken(broken: readonly BrokenScenario[]): void {
  for (const { sentence } of broken) print(`left out: ${sentence}\n`, process.stderr);
}
