import { isDaemon, pageOf } from '../daemons.ts';
import type { Finding, Rules, Severity } from '../rule.ts';
import { isUnserved, type Outcome } from './outcome.ts';
import { advised, answer, cause, question } from './sentences.ts';

/** SARIF's words for severities (SARIF 2.1.0, section 3.27.10). */
const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', advice: 'note' };

/** A rule or an event, as SARIF lists it. */
function listed(id: string, title: string, page: string, level: string): object {
  return {
    id,
    shortDescription: { text: title },
    help: { text: page },
    defaultConfiguration: { level },
  };
}

/** The name of an event among the rules. */
const eventId = (event: string) => `measured-${event}`;

/** Findings and failed events as SARIF 2.1.0, which code hosts show beside the lines. */
export function sarifOf(
  findings: readonly Finding[],
  rules: Rules,
  version: string,
  outcomes: readonly Outcome[] = [],
): object {
  const unserved = outcomes.filter(isUnserved);
  const daemons = [...new Set(findings.map(({ rule }) => rule).filter(isDaemon))];
  const names = [...Object.keys(rules), ...daemons, ...unserved.map(({ event }) => eventId(event))];
  const failed = unserved.map((outcome) => ({
    rule: eventId(outcome.event),
    severity: 'error' as const,
    ...{ file: outcome.predicted.file, line: outcome.predicted.line },
    message: `${question(outcome)}: ${answer(outcome)} ${cause(outcome)}`,
    advice: advised(outcome) ?? '',
  }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'amphora-testbed',
            version,
            rules: [
              ...Object.entries(rules).map(([id, { title, severity }]) =>
                listed(id, title, pageOf({ rule: id }), LEVELS[severity]),
              ),
              ...daemons.map((daemon) =>
                listed(
                  daemon,
                  'What the daemon says of its configuration.',
                  pageOf({ rule: daemon }),
                  'error',
                ),
              ),
              ...unserved.map((outcome) =>
                listed(
                  eventId(outcome.event),
                  `${question(outcome)}, and clients stay without service.`,
                  'docs/pairs.md',
                  'error',
                ),
              ),
            ],
          },
        },
        results: [...findings, ...failed].map(({ rule, severity, file, line, message, advice }) => ({
          ruleId: rule,
          ruleIndex: names.indexOf(rule),
          level: LEVELS[severity],
          message: { text: `${message} ${advice}`.trim() },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(file) },
                region: { startLine: line },
              },
            },
          ],
        })),
      },
    ],
  };
}
