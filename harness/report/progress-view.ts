import { createLogUpdate } from 'log-update';
import { type Progress, runName, type Snapshot, Tally } from '../result/progress.ts';
import type { RunResult } from '../result/result.ts';
import { type Colors, colorsOf } from './terminal-text.ts';

const REFRESH_MS = 250;
const BAR_WIDTH = 32;

/**
 * Shows progress on a stream: a live view where it is a terminal, otherwise a line for each run that ends.
 */
export function showProgress(out: NodeJS.WriteStream, total: number): Progress {
  return out.isTTY
    ? liveView(out, total, colorsOf(out))
    : plainLines((line) => out.write(`${line}\n`), total);
}

/** A line for each run that ends: for logs. */
export function plainLines(say: (line: string) => void, total: number, tally = new Tally(total)): Progress {
  return {
    stage: (run, stage) => tally.stage(run, stage),
    ended(run, outcome, again) {
      tally.ended(run, outcome.status, again);
      const { done, leftMs } = tally.snapshot();
      const left = leftMs ? `; about ${duration(leftMs)} left` : '';
      say(`[${done}/${total}] ${sentence(runName(run), outcome, again)}${left}`);
    },
    note: say,
    [Symbol.dispose]() {},
  };
}

function liveView(out: NodeJS.WriteStream, total: number, colors: Colors): Progress {
  const tally = new Tally(total);
  const view = createLogUpdate(out);
  const draw = () => view(liveText(tally.snapshot(), { rows: out.rows, colors }));
  const timer = setInterval(draw, REFRESH_MS);
  timer.unref();
  draw();
  return {
    stage(run, stage) {
      tally.stage(run, stage);
      draw();
    },
    ended(run, outcome, again) {
      tally.ended(run, outcome.status, again);
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

/** The live view's text: a bar, the counts, the time left, and what each lab is busy with. */
export function liveText(snapshot: Snapshot, { rows, colors }: { rows: number; colors: Colors }): string {
  const { total, done, counts, repeated, elapsedMs, leftMs, labs } = snapshot;
  const filled = Math.round((done / Math.max(1, total)) * BAR_WIDTH);
  const bar = `${'█'.repeat(filled)}${colors.dim('░'.repeat(BAR_WIDTH - filled))}`;
  const left = leftMs === undefined ? 'time left not known yet' : `about ${duration(leftMs)} left`;
  const told = [
    colors.green(`${counts.passed} passed`),
    ...(counts.failed ? [colors.red(`${counts.failed} failed`)] : []),
    ...(counts.invalid ? [colors.yellow(`${counts.invalid} invalid`)] : []),
    ...(counts.skipped ? [`${counts.skipped} skipped`] : []),
    ...(repeated ? [`${repeated} repeated: the machine disturbed them`] : []),
  ];
  // Lines for the bar, the counts, the hidden labs, and the cursor.
  const room = Math.max(1, (rows || 24) - 4);
  const shown = labs.slice(0, room);
  const width = Math.max(0, ...shown.map(({ run }) => runName(run).length));
  return [
    `${bar} ${done} of ${total} runs in ${duration(elapsedMs)}, ${left}`,
    told.join(', '),
    ...shown.map(
      ({ run, stage, sinceMs }) =>
        `  ${runName(run).padEnd(width)}  ${stage} ${colors.dim(`${(sinceMs / 1000).toFixed(1)} s`)}`,
    ),
    ...(labs.length > shown.length ? [colors.dim(`  and ${labs.length - shown.length} more labs`)] : []),
  ].join('\n');
}

function sentence(
  name: string,
  { status, reason }: Pick<RunResult, 'status' | 'reason'>,
  again: boolean,
): string {
  return `${status} ${name}${status !== 'passed' && reason ? `: ${reason}` : ''}${again ? ' (will be repeated)' : ''}`;
}

/** Whole seconds, minutes or hours. */
function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
