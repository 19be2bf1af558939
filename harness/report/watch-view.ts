import { type Outage, type Progress, runName, type Snapshot, Tally } from '../result/progress.ts';
import { type Canvas, duration, labLines, liveView } from './progress-view.ts';
import { distributionText, outageFigure, sparkLine } from './spark-line.ts';

/** Shows a scenario that is repeated until it is stopped, as ping(8) does for a host. */
export interface WatchView {
  readonly progress: Progress;
  /** All that there was to see, in a line. */
  summary(): string;
}

/**
 * Keeps the distribution of the outages on the screen where it is a terminal, otherwise writes a line for each run.
 *
 * @param durationsMs what a run takes here by earlier ones
 */
export function showWatch(
  out: NodeJS.WriteStream,
  scenario: string,
  durationsMs: Readonly<Record<string, number>>,
): WatchView {
  const tally = new Tally(Number.POSITIVE_INFINITY, { durationsMs });
  return {
    progress: out.isTTY
      ? liveView(out, tally, (snapshot, canvas) => watchText(scenario, snapshot, canvas))
      : watchLines((line) => out.write(`${line}\n`), tally),
    summary: () => summaryText(scenario, tally.snapshot()),
  };
}

/** A line for each run that ends, with the distribution so far. */
export function watchLines(say: (line: string) => void, tally: Tally): Progress {
  return {
    stage: (run, stage) => tally.stage(run, stage),
    ended(run, end, again) {
      tally.ended(run, end, again);
      const outages = tally.snapshot().outages[run.scenario] ?? [];
      const { status, reason, outage } = end;
      say(
        [
          `${status} ${runName(run)}${outage ? `: ${outageFigure(outage)}` : ''}${status !== 'passed' && reason ? `: ${reason}` : ''}`,
          ...(outage && outages.length > 1 ? [`${outages.length} runs: ${distributionText(outages)}`] : []),
        ].join('; '),
      );
    },
    note: say,
    [Symbol.dispose]() {},
  };
}

/** The view's text: the counts, the distribution, a column for each of the last runs, and the labs. */
export function watchText(scenario: string, snapshot: Snapshot, { rows, columns, colors }: Canvas): string {
  const outages: readonly Outage[] = snapshot.outages[scenario] ?? [];
  const last = outages.at(-1);
  // Lines above the labs, and the cursor.
  const labs = snapshot.labs.slice(0, Math.max(1, rows - 4));
  return [
    `${colors.bold(scenario)}: ${countsText(snapshot)}; Ctrl-C ends it`,
    ...(last
      ? [
          `  outage: last ${outageFigure(last)}, ${distributionText(outages)}`,
          `  ${sparkLine(outages, columns - 3)}`,
        ]
      : []),
    ...labLines(labs, {}, { columns, colors }),
  ].join('\n');
}

/** `master-kill: 12 runs in 2 min, 1 invalid; outage median …`. */
export function summaryText(scenario: string, snapshot: Snapshot): string {
  const outages = snapshot.outages[scenario] ?? [];
  const distribution = outages.length > 0 ? `outage ${distributionText(outages)}` : 'no outage was measured';
  return `${scenario}: ${countsText(snapshot)}; ${distribution}`;
}

/** Each invalid run counts, also where it was repeated. */
function countsText({ done, counts, repeated, elapsedMs }: Snapshot): string {
  const runs = done + repeated;
  return [
    `${runs === 1 ? 'one run' : `${runs} runs`} in ${duration(elapsedMs)}`,
    `${counts.failed} failed`,
    `${counts.invalid + repeated} invalid`,
  ].join(', ');
}
