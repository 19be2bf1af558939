import { createLogUpdate } from 'log-update';
import {
  type LabSnapshot,
  type Progress,
  type RunEnd,
  runName,
  type Snapshot,
  Tally,
} from '../result/progress.ts';
import { outageFigure, sparkLine } from './spark-line.ts';
import { type Colors, colorsOf } from './terminal-text.ts';

const REFRESH_MS = 250;
const BAR_COLUMNS = { most: 32, least: 8 } as const;
const SPARK_COLUMNS = 12;
/** The size of a terminal that does not report one. */
const SIZE = { rows: 24, columns: 80 } as const;

/** What a view draws on. */
export interface Canvas {
  readonly rows: number;
  readonly columns: number;
  readonly colors: Colors;
}

/**
 * Shows progress on a stream: a live view where it is a terminal, otherwise a line for each run that ends.
 *
 * @param durationsMs what a run takes here by earlier ones, by scenario
 */
export function showProgress(
  out: NodeJS.WriteStream,
  total: number,
  durationsMs: Readonly<Record<string, number>> = {},
): Progress {
  return out.isTTY
    ? liveView(out, new Tally(total, { durationsMs }), liveText)
    : plainLines((line) => out.write(`${line}\n`), total);
}

/** A line for each run that ends: for logs. */
export function plainLines(say: (line: string) => void, total: number, tally = new Tally(total)): Progress {
  return {
    stage: (run, stage) => tally.stage(run, stage),
    ended(run, outcome, again) {
      tally.ended(run, outcome, again);
      const { done, leftMs } = tally.snapshot();
      const left = leftMs ? `; about ${duration(leftMs)} left` : '';
      say(`[${done}/${total}] ${sentence(runName(run), outcome, again)}${left}`);
    },
    note: say,
    [Symbol.dispose]() {},
  };
}

/** Draws a text again and again in the place where it was before. */
export function liveView(
  out: NodeJS.WriteStream,
  tally: Tally,
  text: (snapshot: Snapshot, canvas: Canvas) => string,
): Progress {
  const colors = colorsOf(out);
  const view = createLogUpdate(out);
  const draw = () =>
    view(
      text(tally.snapshot(), { rows: out.rows || SIZE.rows, columns: out.columns || SIZE.columns, colors }),
    );
  const timer = setInterval(draw, REFRESH_MS);
  timer.unref();
  draw();
  return {
    stage(run, stage) {
      tally.stage(run, stage);
      draw();
    },
    ended(run, outcome, again) {
      tally.ended(run, outcome, again);
      // Passed runs are counted; the others stay readable above the view.
      if (outcome.status !== 'passed') view.persist(colors.yellow(sentence(runName(run), outcome, again)));
      draw();
    },
    note(sentence) {
      view.persist(sentence);
      draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      view.clear();
      view.done();
    },
  };
}

/** The live view's text: a bar, the counts, the time left, and a line for each lab. */
export function liveText(snapshot: Snapshot, { rows, columns, colors }: Canvas): string {
  const { total, done, counts, repeated, elapsedMs, leftMs, labs, outages } = snapshot;
  const left = leftMs === undefined ? 'time left not known yet' : `about ${duration(leftMs)} left`;
  const line = `${done} of ${total} runs in ${duration(elapsedMs)}, ${left}`;
  const room = Math.min(BAR_COLUMNS.most, columns - line.length - 2);
  const filled = Math.round((done / Math.max(1, total)) * room);
  const bar =
    room < BAR_COLUMNS.least ? '' : `${'█'.repeat(filled)}${colors.dim('░'.repeat(room - filled))} `;
  const told = [
    colors.green(`${counts.passed} passed`),
    ...(counts.failed ? [colors.red(`${counts.failed} failed`)] : []),
    ...(counts.invalid ? [colors.yellow(`${counts.invalid} invalid`)] : []),
    ...(counts.skipped ? [`${counts.skipped} skipped`] : []),
    ...(repeated ? [`${repeated} repeated`] : []),
  ];
  // Lines for the bar, the counts, the hidden labs, and the cursor.
  const shown = labs.slice(0, Math.max(1, rows - 4));
  return [
    `${bar}${line}`,
    told.join(', '),
    ...labLines(shown, outages, { columns, colors }),
    ...(labs.length > shown.length ? [colors.dim(`  and ${labs.length - shown.length} more labs`)] : []),
  ].join('\n');
}

/**
 * A line for each lab: its stage, when its run is expected to end, and the last outages of its scenario. What does not
 * fit into the line is left out.
 */
export function labLines(
  labs: readonly LabSnapshot[],
  outages: Snapshot['outages'],
  { columns, colors }: Pick<Canvas, 'columns' | 'colors'>,
): readonly string[] {
  const rows = labs.map((lab) => {
    const known = outages[lab.run.scenario] ?? [];
    const last = known.at(-1);
    return [
      `  ${runName(lab.run)}`,
      `${lab.stage} ${(lab.sinceMs / 1000).toFixed(1)} s`,
      endText(lab),
      last ? `${sparkLine(known, SPARK_COLUMNS)} ${outageFigure(last)}` : '',
    ];
  });
  const widths = [0, 1, 2, 3].map((n) => Math.max(0, ...rows.map((row) => row[n]?.length ?? 0)));
  const ends = widths.map((_, n) => widths.slice(0, n + 1).reduce((sum, width) => sum + width + 2, -2));
  const fitting = ends.filter((end) => end < columns).length;
  // Where not even the stages fit, as much of each as there is room for.
  if (fitting < 2) return rows.map(([name, stage]) => cut(`${name}  ${stage}`, columns - 1));
  return rows.map((row) =>
    row
      .slice(0, fitting)
      .map((piece, n) => (n < 2 ? piece.padEnd(widths[n] ?? 0) : colors.dim(piece.padEnd(widths[n] ?? 0))))
      .join('  ')
      .trimEnd(),
  );
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

function endText({ endsInMs }: LabSnapshot): string {
  if (endsInMs === undefined) return 'end unknown';
  return endsInMs > 0 ? `ends in ${duration(endsInMs)}` : 'takes longer than usual';
}

function sentence(name: string, { status, reason }: RunEnd, again: boolean): string {
  return `${status} ${name}${status !== 'passed' && reason ? `: ${reason}` : ''}${again ? ' (will be repeated)' : ''}`;
}

/** Whole seconds, minutes or hours. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
