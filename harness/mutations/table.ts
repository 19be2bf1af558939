import type { ScenarioResult } from '../result/result.ts';

/** The verdict of a scenario on a mutation. */
export interface Cell {
  readonly scenario: string;
  readonly mutation: string;
  readonly status: ScenarioResult['status'];
  readonly reason?: string;
}

/** What a scenario's status means for a mutated system. */
const WORDS: Readonly<Record<Cell['status'], string>> = {
  failed: 'caught',
  passed: 'not noticed',
  skipped: 'skipped',
  invalid: 'no verdict',
};

/** Scenario × mutation as Markdown; empty where it was not run. */
export function mutationTable(cells: readonly Cell[]): string {
  const mutations = [...new Set(cells.map(({ mutation }) => mutation))];
  const scenarios = [...new Set(cells.map(({ scenario }) => scenario))].sort();
  const rows = scenarios.map((scenario) => {
    const row = mutations.map((mutation) => {
      const cell = cells.find((entry) => entry.scenario === scenario && entry.mutation === mutation);
      return cell ? WORDS[cell.status] : '';
    });
    return `| ${scenario} | ${row.join(' | ')} |`;
  });
  return [
    `| scenario | ${mutations.join(' | ')} |`,
    `| --- |${' --- |'.repeat(mutations.length)}`,
    ...rows,
    '',
  ].join('\n');
}

/** Scenarios that noticed no mutation. */
export function uncaught(cells: readonly Cell[]): readonly string[] {
  const caught = new Set(cells.filter(({ status }) => status === 'failed').map(({ scenario }) => scenario));
  return [...new Set(cells.map(({ scenario }) => scenario))].filter((name) => !caught.has(name));
}
