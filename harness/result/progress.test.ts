import test from 'ava';
import pc from 'picocolors';
import { liveText, plainLines } from '../report/progress-view.ts';
import { Tally } from './progress.ts';

const colors = pc.createColors(false);
const run = (index: number, attempt = 1) => ({ scenario: 'master-kill', index, attempt });

test('the time left follows the pace of the runs that are done, labs side by side included', (t) => {
  let nowMs = 0;
  const tally = new Tally(10, () => nowMs);
  t.is(tally.snapshot().leftMs, undefined);
  nowMs = 8000;
  tally.ended(run(1), 'passed', false);
  tally.ended(run(2), 'passed', false);
  t.is(tally.snapshot().leftMs, 32_000);
});

test('a run that will be repeated does not count as done', (t) => {
  const tally = new Tally(2);
  tally.ended(run(1), 'invalid', true);
  tally.ended(run(1, 2), 'passed', false);
  const { done, repeated, counts } = tally.snapshot();
  t.deepEqual([done, repeated, counts.passed, counts.invalid], [1, 1, 1, 0]);
});

test('without a terminal each run that ends is one line, with its reason and the time left', (t) => {
  const lines: string[] = [];
  let nowMs = 0;
  const progress = plainLines((line) => lines.push(line), 2, new Tally(2, () => nowMs));
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
  const tally = new Tally(40, () => 0);
  for (let index = 1; index <= 12; index++) tally.stage(run(index), 'failing over');
  const lines = liveText(tally.snapshot(), { rows: 10, colors }).split('\n');
  t.true(lines.length < 10, lines.join('\n'));
  t.regex(lines.join('\n'), /master-kill run 1 +failing over/);
  t.regex(lines.at(-1) ?? '', /and 6 more labs/);
});
