import type { Finding, Rules, Severity } from './rule.ts';

/** SARIF's words for severities (SARIF 2.1.0, section 3.27.10). */
const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', advice: 'note' };

/** Findings as SARIF 2.1.0, which code hosts show beside the lines. */
export function sarifOf(findings: readonly Finding[], rules: Rules, version: string): object {
  const names = Object.keys(rules);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'amphora-testbed',
            version,
            rules: Object.entries(rules).map(([id, { title, severity }]) => ({
              id,
              shortDescription: { text: title },
              help: { text: `docs/rules/${id}.md` },
              defaultConfiguration: { level: LEVELS[severity] },
            })),
          },
        },
        results: findings.map(({ rule, severity, file, line, message, advice }) => ({
          ruleId: rule,
          ruleIndex: names.indexOf(rule),
          level: LEVELS[severity],
          message: { text: `${message} ${advice}` },
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
