import { isDeepStrictEqual } from 'node:util';
import { closest } from 'fastest-levenshtein';
import type { Place, Statement } from '../syntax/statement.ts';
import { UsageError } from '../usage-error.ts';
import type { Node, Pair } from './configuration/pair.ts';
import { type Finding, type Rules, SEVERITIES } from './rule.ts';

/** `# amphora-testbed: ignore equal-priorities, auth-differs` */
const IGNORE = /^amphora-testbed:\s*ignore\s+(.*)$/;

/** Lines of a file on which a rule is silent. */
interface Silence {
  readonly rule: string;
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Applies the rules to a pair: the worst findings first, then by file and line.
 *
 * @param ignored names of rules that are left out
 * @throws UsageError where a rule is named that does not exist
 */
export function examine(pair: Pair, rules: Rules, ignored: readonly string[] = []): readonly Finding[] {
  for (const name of ignored) mustBeRule(name, rules, '--ignore');
  const silences = pair.nodes.flatMap((node) => silencesOf(node, rules));
  return (
    Object.entries(rules)
      .filter(([rule]) => !ignored.includes(rule))
      .flatMap(([rule, { severity, check }]) => check(pair).map((found) => ({ rule, severity, ...found })))
      .filter((finding) => !silences.some((silence) => covers(silence, finding)))
      // Several instances may share a line.
      .filter((finding, n, all) => all.findIndex((other) => isDeepStrictEqual(other, finding)) === n)
      .sort(
        (a, b) =>
          SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
          a.file.localeCompare(b.file) ||
          a.line - b.line,
      )
  );
}

function covers({ rule, file, from, to }: Silence, finding: Finding): boolean {
  return finding.rule === rule && finding.file === file && finding.line >= from && finding.line <= to;
}

/** A comment before the first statement of a file covers the file, otherwise the statement that follows, or its own line's. */
function silencesOf(node: Node, rules: Rules): readonly Silence[] {
  return node.comments.flatMap(({ text, file, line }) => {
    const [, names] = IGNORE.exec(text) ?? [];
    if (names === undefined) return [];
    const spans = spansOf(node).filter((span) => span.file === file);
    const isFirst = spans.every((span) => span.from > line);
    const next = spans.find(({ from }) => from >= line);
    const [from, to] = isFirst ? [0, Number.POSITIVE_INFINITY] : [next?.from ?? line, next?.to ?? line];
    return names
      .split(/[\s,]+/)
      .filter((name) => name !== '')
      .map((rule) => ({ rule: mustBeRule(rule, rules, `${file}:${line}`), file, from, to }));
  });
}

interface Span {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** The lines of each statement and section with what is inside, in their order. */
function spansOf({ statements, haproxy }: Node): readonly Span[] {
  const spans: Span[] = [];
  const add = (place: Place, inside: readonly Place[]) => {
    const lines = inside.filter(({ file }) => file === place.file).map(({ line }) => line);
    spans.push({ file: place.file, from: place.line, to: Math.max(place.line, ...lines) });
  };
  const walk = (statement: Statement) => {
    add(statement, below(statement));
    statement.block?.forEach(walk);
  };
  statements.forEach(walk);
  for (const section of haproxy?.sections ?? []) {
    add(section, section.lines);
    for (const line of section.lines) add(line, []);
  }
  return spans;
}

function below({ block = [] }: Statement): readonly Place[] {
  return block.flatMap((statement) => [statement, ...below(statement)]);
}

function mustBeRule(name: string, rules: Rules, where: string): string {
  if (Object.hasOwn(rules, name)) return name;
  throw new UsageError(
    `${where}: there is no rule "${name}"; the nearest is ${closest(name, Object.keys(rules))}.`,
  );
}
