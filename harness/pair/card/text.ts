import { pageOf } from '../daemons.ts';
import { type Finding, SEVERITIES, type Severity } from '../rule.ts';
import { isAsPredicted, isUnserved, type Outcome } from './outcome.ts';
import { advised, answer, cause, predictedText, question, whatWasMeasured } from './sentences.ts';

/** How an event ended, as its mark says. */
export type Grade = 'good' | 'bad' | 'doubt';

/** Marks a word, such as with a colour. */
export type Paint = (kind: Severity | Grade, text: string) => string;

const MARKS: Readonly<Record<Grade, string>> = { good: '✓', bad: '✗', doubt: '△' };

export function gradeOf(outcome: Outcome): Grade {
  if (isUnserved(outcome)) return 'bad';
  return !outcome.measured || isAsPredicted(outcome) === false ? 'doubt' : 'good';
}

/** The findings for a terminal: each with its place, what to do and its rule, the worst first. */
export function findingsText(findings: readonly Finding[], nodes: readonly string[], paint: Paint): string {
  const paragraphs = findings.map((finding) => {
    const { severity, file, line, message, advice } = finding;
    const place = `${paint(severity, severity)} ${file}:${line}`;
    return [place, message, advice, pageOf(finding)].join('\n  ');
  });
  return [...paragraphs, summary(findings, nodes)].join('\n\n');
}

/** The events for a terminal: question, answer, cause and what to do. */
export function eventsText(outcomes: readonly Outcome[], paint: Paint): string {
  return outcomes
    .map((outcome) => {
      const grade = gradeOf(outcome);
      const lines = [
        `${paint(grade, MARKS[grade])} ${question(outcome)}: ${answer(outcome)}`,
        cause(outcome),
      ];
      return [...lines, advised(outcome) ?? []].flat().join('\n  ');
    })
    .join('\n\n');
}

/** The report card for a ticket. */
export function cardMarkdown(
  findings: readonly Finding[],
  nodes: readonly string[],
  outcomes: readonly Outcome[] = [],
): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = findings.map(
    ({ rule, severity, file, line, message, advice }) =>
      `| ${severity} | \`${file}:${line}\` | ${cell(message)} ${cell(advice)} | ${rule} |`,
  );
  const table =
    rows.length > 0 ? ['| how bad | where | what | rule |', '| --- | --- | --- | --- |', ...rows, ''] : [];
  const events = outcomes.map(
    (outcome) =>
      `| ${MARKS[gradeOf(outcome)]} ${question(outcome)} | ${cell(whatWasMeasured(outcome))} | ${predictedText(outcome.predicted)} | ${cell([cause(outcome), advised(outcome)].filter(Boolean).join(' '))} |`,
  );
  const measured =
    events.length > 0
      ? ['', '| what happens | measured | predicted outage | why |', '| --- | --- | --- | --- |', ...events]
      : [];
  return [...table, summary(findings, nodes), ...measured, ''].join('\n');
}

/** `2 errors and 1 advice in a and b.` */
export function summary(findings: readonly Finding[], nodes: readonly string[]): string {
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
