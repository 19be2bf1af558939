import { readFile } from 'node:fs/promises';
import { PHASES } from '../../analysis/timeline/phases.ts';
import type { Result, RunResult, ScenarioResult } from '../../result/result.ts';
import type { Background, TrendPoint } from '../content/background.ts';
import { levelsOf } from '../content/levels.ts';
import { glossary } from './glossary.ts';
import { html, type Piece, verbatim } from './html.ts';
import { overview, provenance } from './overview.ts';
import { type RunPicture, readRunPicture } from './run-picture.ts';
import { scenarioSection } from './scenario-section.ts';
import { timingsSection } from './timings-section.ts';

const STYLES = ['./charts.css', './style.css'].map((file) => new URL(file, import.meta.url));
const LOG_LINES_PER_RUN_MAX = 60;
/** With this many runs or more, passed runs show no log lines: their journals are files beside the page. */
const RUNS_WITH_LOGS_MAX = 100;

/**
 * The report as one page that needs neither network nor script.
 *
 * @param folder where the result's runs are stored
 */
export async function reportPage(folder: string, result: Result, background: Background): Promise<string> {
  const runs = result.scenarios.reduce((sum, scenario) => sum + scenario.runs.length, 0);
  const linesMax = ({ status }: RunResult) =>
    runs > RUNS_WITH_LOGS_MAX && status === 'passed' ? 0 : LOG_LINES_PER_RUN_MAX;
  const pictures: (RunPicture | undefined)[][] = [];
  // One scenario after the other: the histories of a whole night do not fit into memory at once.
  for (const scenario of result.scenarios) {
    pictures.push(await Promise.all(scenario.runs.map((run) => readRunPicture(folder, run, linesMax(run)))));
  }
  const styles = await Promise.all(STYLES.map((file) => readFile(file, 'utf8')));
  return page(result, background, pictures, [...styles, ...phaseStyles()].join(''));
}

export function phaseStyles(): readonly string[] {
  return PHASES.map(({ name, colour }) => {
    const both = `light-dark(${colour.join(', ')})`;
    return `.${name} {
  fill: ${both};
  background: ${both};
}
`;
  });
}

/** @param pictures for each scenario of the result, for each of its runs */
export function page(
  result: Result,
  background: Background,
  pictures: readonly (readonly (RunPicture | undefined)[])[],
  style: string,
): string {
  const body = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${`Failover report of ${result.startedAt.slice(0, 10)}`}</title>
      <style>${verbatim(style)}</style>
    </head>
    <body>
      ${patterns()}
      <header><strong>amphora-testbed</strong>
        <nav aria-label="Parts of the report"><a href="#overview">Overview</a> · <a href="#scenarios">Scenarios</a> · <a href="#provenance">Provenance</a> · <a href="#glossary">Words</a></nav>
      </header>
      <main>
        ${overview(result, background)}
        <div id="scenarios">${result.scenarios.map((scenario, n) =>
          scenarioSection(scenario, pictures[n] ?? [], trendOf(scenario, result, background)),
        )}</div>
        ${provenance(result)}
        ${timingsSection(result)}
        ${glossary()}
      </main>
      <footer>Figures are computed from <code>observations.jsonl</code> of each run; <code>result.json</code> holds them all.</footer>
    </body>
  </html>`;
  // Indentation is for those who read the source; on the page of a whole night it would be half of the bytes.
  return `<!doctype html>\n${String(body).replace(/\n\s+/g, '\n')}\n`;
}

/** The scenario's history with this invocation as its last point. */
function trendOf(
  { name, status, runs }: ScenarioResult,
  result: Result,
  background: Background,
): TrendPoint[] {
  const earlier = background.trend.filter((point) => point.scenario === name && point.id !== result.id);
  return [
    ...earlier,
    {
      scenario: name,
      id: result.id,
      startedAt: result.startedAt,
      fingerprint: result.environment.fingerprint,
      status,
      ...levelsOf(runs),
    },
  ];
}

/** Hatchings: nothing is said by colour alone. */
export function patterns(): Piece {
  const hatch = (id: string, line: string, angle: number, space: number) =>
    html`<pattern id="${id}" width="${space}" height="${space}" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><line class="${line}" x1="0" y1="0" x2="0" y2="${space}" /></pattern>`;
  return html`<svg class="definitions" aria-hidden="true"><defs>
    ${hatch('slant', 'slant', 45, 9)}${hatch('loss', 'loss', -45, 5)}${hatch('silence', 'silence', 45, 6)}${hatch('demand', 'demand', 60, 5)}
  </defs></svg>`;
}
