import test from 'ava';
import type { Cost } from './account.ts';
import {
  type CostReview,
  costMarkdown,
  costRows,
  machineLines,
  shareRows,
  timingRows,
} from './cost-report.ts';

const cost = (shares: Readonly<Record<string, number>>, valid = 2, invalid = 0): Cost => ({
  used: { totalMs: Object.values(shares).reduce((sum, ms) => sum + ms, 0), shares },
  machine: { busyMs: 15_000, wallMs: 12_000, cpus: 2, waited: { cpu: 0.25, io: 0, memory: 0 } },
  ...{ valid, invalid, excessMs: [4, 6], timings: { command: [], runs: [] } },
});
const side = (text: string, single: readonly Cost[]) => ({
  ...{ text, version: '0123456789' },
  costs: { single, parallel: [], reuse: [] },
});
const review: CostReview = {
  a: side('this checkout', [cost({ AVA: 1000, 'fabric: daemon': 4990, 'amphorae: ip': 10 })]),
  b: side('ref=main', [cost({ AVA: 6000, 'fabric: daemon': 6000 }, 2, 1)]),
  parallel: 4,
};

test('a way has the cost of both sides, what their runs were worth, and the ratio', (t) => {
  t.deepEqual(costRows(review).rows, [
    ['one run', '3.00', '5.0 ms', '0 of 2', '6.00', '5.0 ms', '1 of 3', '0.50', 'too few rounds'],
  ]);
});

test('shares are per valid kill, the largest first, and small ones are together', (t) => {
  t.deepEqual(shareRows(review, 'single').rows, [
    ['fabric: daemon', '2495', '83 %', '3000', '50 %'],
    ['AVA', '500', '17 %', '3000', '50 %'],
    ['the rest', '5', '0 %', '0', '0 %'],
  ]);
});

test('a line says how much of the machine’s work was counted, and what was scarce', (t) => {
  t.deepEqual(machineLines(review, 'single'), [
    'A: counted are 6.0 s of the machine’s 15.0 s, 40 %; the processors were 63 % busy; something waited for a processor 25 %, for a disk 0 %, for memory 0 % of the time; 600 valid kills an hour',
    'B: counted are 12.0 s of the machine’s 15.0 s, 80 %; the processors were 63 % busy; something waited for a processor 25 %, for a disk 0 %, for memory 0 % of the time; 600 valid kills an hour',
  ]);
});

test('the review says what A and B are, and leaves ways out that were not measured', (t) => {
  const text = costMarkdown(review);
  t.regex(text, /^A is this checkout \(0123456789\), B is ref=main/m);
  t.regex(text, /^## one run$/m);
  t.notRegex(text, /reuse/);
});

test('the time of one run is taken apart: medians of the parts, and of what the protocol leaves', (t) => {
  const told = (commandMs: number, electionMs: number): Cost => ({
    ...cost({ AVA: 1 }),
    timings: {
      command: [{ part: 'command', ms: commandMs }],
      runs: [[{ part: 'election', ms: electionMs, protocolMs: 3600 }]],
    },
  });
  const costs = [told(400, 3700), told(900, 3600), told(500, 3900)];
  t.deepEqual(timingRows({ a: side('this checkout', costs), b: side('ref=main', [cost({})]), parallel: 4 }), {
    head: ['part', 'A: median of 3'],
    rows: [
      ['command line: options, engine, images', '500 ms'],
      ['first election of a master', '3.70 s'],
      ['from the command to the report', '4.40 s'],
      ['demanded by the protocol', '3.60 s'],
      ['overhead', '800 ms'],
    ],
  });
});
