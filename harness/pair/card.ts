import { type Finding, SEVERITIES, type Severity } from './rule.ts';

/** Marks a severity, such as with a colour. */
export type Paint = (severity: Severity, text: string) => string;

/** The report card for a terminal: each finding with its place, what to do and its rule, the worst first. */
export function cardText(findings: readonly Finding[], nodes: readonly string[], paint: Paint): string {
  const paragraphs = findings.map(({ rule, severity, file, line, message, advice }) =>
    [
      `${paint(severity, severity)} ${file}:${line}`,
      `  ${message}`,
      `  ${advice}`,
      `  docs/rules/${rule}.md`,
    ].join('\n'),
  );
  return [...paragraphs, summary(findings, nodes)].join('\n\n');
}

/** The report card for a ticket. */
export function cardMarkdown(findings: readonly Finding[], nodes: readonly string[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = findings.map(
    ({ rule, severity, file, line, message, advice }) =>
      `| ${severity} | \`${file}:${line}\` | ${cell(message)} ${cell(advice)} | ${rule} |`,
  );
  const table =
    rows.length > 0 ? ['| how bad | where | what | rule |', '| --- | --- | --- | --- |', ...rows, ''] : [];
  return [...table, summary(findings, nodes), ''].join('\n');
}

/** `2 errors and 1 advice in a and b.` */
function summary(findings: readonly Finding[], nodes: readonly string[]): string {
  const where = listed(nodes);
  if (findings.length === 0) return `Nothing found in ${where}.`;
  const counts = SEVERITIES.map(
    (severity) => [severity, findings.filter((each) => each.severity === severity).length] as const,
  );
  const told = counts
    .filter(([, n]) => n > 0)
    .map(([severity, n]) => `${n} ${severity}${n > 1 && severity !== 'advice' ? 's' : ''}`);
  return `${listed(told)} in ${where}.`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
