import test from 'ava';
import pc from 'picocolors';
import { liveText, plainLines } from '../report/progress-view.ts';
import { sparkLine } from '../report/spark-line.ts';
import { summaryText, watchLines, watchText } from '../report/watch-view.ts';
import { Tally } from './progress.ts';

const colors = pc.createColors(false);
const outage = (ms: number, over = true) => ({ ms, over });
const passed = (ms: number, wallMs = 8000) => ({ status: 'passed' as const, outage: outage(ms), wallMs });
const run = (index: number, attempt = 1) => ({ scenario: 'master-kill', index, attempt });

test('the time left follows the pace of the runs that are done, labs side by side included', (t) => {
  let nowMs = 0;
  const tally = new Tally(10, { now: () => nowMs });
  t.is(tally.snapshot().leftMs, undefined);
  nowMs = 8000;
  tally.ended(run(1), { status: 'passed' }, false);
  tally.ended(run(2), { status: 'passed' }, false);
  t.is(tally.snapshot().leftMs, 32_000);
});

test('a run that will be repeated does not count as done', (t) => {
  const tally = new Tally(2);
  tally.ended(run(1), { status: 'invalid' }, true);
  tally.ended(run(1, 2), { status: 'passed' }, false);
  const { done, repeated, counts } = tally.snapshot();
  t.deepEqual([done, repeated, counts.passed, counts.invalid], [1, 1, 1, 0]);
});

test('without a terminal each run that ends is one line, with its reason and the time left', (t) => {
  const lines: string[] = [];
  let nowMs = 0;
  const progress = plainLines((line) => lines.push(line), 2, new Tally(2, { now: () => nowMs }));
  progress.stage(run(1), 'building the lab');
  nowMs = 6000;
  progress.ended(run(1), { status: 'invalid', reason: 'The machine was too busy.' }, true);
  progress.ended(run(1, 2), { status: 'passed' }, false);
  progress.ended(run(2), { status: 'failed', reason: 'No VIP.' }, false);
  t.deepEqual(lines, [
    '[0/2] invalid master-kill run 1: The machine was too busy. (will be repeated)',
    '[1/2] passed master-kill run 1, attempt 2; about 6 s left',
    '[2/2] failed master-kill run 2: No VIP.',
  ]);
});

test('the live view names each lab and its stage, and never grows beyond the terminal', (t) => {
  const tally = new Tally(40, { now: () => 0 });
  for (let index = 1; index <= 12; index++) tally.stage(run(index), 'failing over');
  const lines = liveText(tally.snapshot(), { rows: 10, columns: 80, colors }).split('\n');
  t.true(lines.length < 10, lines.join('\n'));
  t.regex(lines.join('\n'), /master-kill run 1 +failing over/);
  t.regex(lines.at(-1) ?? '', /and 6 more labs/);
});

test('on a narrow terminal the bar gets shorter, and no line is broken', (t) => {
  let nowMs = 0;
  const tally = new Tally(300, { now: () => nowMs });
  for (let index = 1; index <= 100; index++) tally.ended(run(index), passed(3000), index % 3 === 0);
  tally.stage(run(101), 'waiting for steady traffic');
  nowMs = 900_000;
  for (const columns of [40, 60, 80, 200]) {
    const lines = liveText(tally.snapshot(), { rows: 24, columns, colors }).split('\n');
    t.deepEqual(
      lines.filter(({ length }) => length >= Math.max(columns, 55)),
      [],
      `${columns} columns`,
    );
    t.is(/█/.test(lines[0] ?? ''), columns > 55);
  }
});

test('a lab shows its stage, when it ends by the runs before it, and their last outages', (t) => {
  let nowMs = 0;
  const tally = new Tally(5, { now: () => nowMs });
  const line = (columns = 100) =>
    liveText(tally.snapshot(), { rows: 24, columns, colors }).split('\n').at(-1) ?? '';
  tally.stage(run(1), 'building the lab');
  t.is(line(), '  master-kill run 1  building the lab 0.0 s  end unknown');
  nowMs = 8000;
  tally.ended(run(1), passed(2600), false);
  tally.ended(run(2), passed(3600, 10_000), false);
  tally.stage(run(3), 'building the lab');
  nowMs = 10_000;
  tally.stage(run(3), 'failing over');
  nowMs = 11_000;
  t.is(line(), '  master-kill run 3  failing over 1.0 s  ends in 6 s  ▁█ 3600 ms');
  t.is(line(60), '  master-kill run 3  failing over 1.0 s  ends in 6 s');
  t.is(line(30), '  master-kill run 3  failing…');
  nowMs = 18_000;
  t.regex(line(), /takes longer than usual/);
});

test('before the first run ends, its end is known by earlier ones, those of other scenarios say nothing', (t) => {
  const endsInMs = (durationsMs: Readonly<Record<string, number>>) => {
    const tally = new Tally(2, { now: () => 0, durationsMs });
    tally.stage(run(1), 'building the lab');
    return tally.snapshot().labs[0]?.endsInMs;
  };
  t.is(endsInMs({ 'master-kill': 9000 }), 9000);
  t.is(endsInMs({ 'cable-cut': 9000 }), undefined);
});

test('a run that begins anew elsewhere is expected to end later', (t) => {
  let nowMs = 0;
  const tally = new Tally(2, { now: () => nowMs, durationsMs: { 'master-kill': 9000 } });
  tally.stage(run(1), 'building the lab');
  nowMs = 5000;
  tally.stage(run(1), 'building the lab');
  t.is(tally.snapshot().labs[0]?.endsInMs, 9000);
});

test('a spark line has a column for each of the last outages, and one that was not over has no height', (t) => {
  t.is(
    sparkLine(
      [1, 2, 3, 4, 5, 6, 7, 8].map((ms) => outage(ms)),
      20,
    ),
    '▁▂▃▄▅▆▇█',
  );
  t.is(
    sparkLine(
      [9, 1, 8].map((ms) => outage(ms)),
      2,
    ),
    '▁█',
  );
  t.is(sparkLine([outage(1), outage(900, false), outage(2)], 20), '▁↑█');
  t.is(sparkLine([outage(5), outage(5)], 20), '▅▅');
  t.is(sparkLine([outage(5, false)], 20), '↑');
});

/** A scenario that was repeated four times; the third run was disturbed. */
function watched(columns = 80) {
  let nowMs = 0;
  const lines: string[] = [];
  const tally = new Tally(Number.POSITIVE_INFINITY, { now: () => nowMs });
  const progress = watchLines((line) => lines.push(line), tally);
  nowMs = 40_000;
  progress.ended(run(1), passed(2600), false);
  progress.ended(run(2), passed(3100), false);
  progress.ended(run(3), { status: 'invalid', reason: 'The machine was too busy.' }, true);
  progress.ended(
    run(3, 2),
    { status: 'failed', reason: 'No VIP.', outage: outage(30_000, false), wallMs: 40_000 },
    false,
  );
  progress.stage(run(4), 'failing over');
  const text = watchText('master-kill', tally.snapshot(), { rows: 24, columns, colors });
  return { lines, text, summary: summaryText('master-kill', tally.snapshot()) };
}

test('what is watched keeps its distribution on the screen', (t) => {
  t.is(
    watched().text,
    [
      'master-kill: 4 runs in 40 s, 1 failed, 1 invalid; Ctrl-C ends it',
      '  outage: last over 30000 ms, median 3100 ms, p95 not over, max not over',
      '  ▁█↑',
      '  master-kill run 4  failing over 0.0 s  ends in 8 s',
    ].join('\n'),
  );
});

test('without a terminal what is watched is a line for each run, and a summary', (t) => {
  const { lines, summary } = watched();
  t.deepEqual(lines, [
    'passed master-kill run 1: 2600 ms',
    'passed master-kill run 2: 3100 ms; 2 runs: median 2850 ms, p95 3100 ms, max 3100 ms',
    'invalid master-kill run 3: The machine was too busy.',
    'failed master-kill run 3, attempt 2: over 30000 ms: No VIP.; 3 runs: median 3100 ms, p95 not over, max not over',
  ]);
  t.is(
    summary,
    'master-kill: 4 runs in 40 s, 1 failed, 1 invalid; outage median 3100 ms, p95 not over, max not over',
  );
});
