import test from 'ava';
import type { RunResult } from '../result/result.ts';
import { catalogue } from './catalogue.ts';
import { checkFigures, withFigures } from './figures.ts';

const run = (metrics: Record<string, number>, more: Partial<RunResult> = {}): RunResult => ({
  index: 1,
  status: 'passed',
  labUpMs: 1,
  wallMs: 1,
  metrics,
  episodes: [],
  checks: [],
  events: [],
  artifacts: { logs: [] },
  versions: {},
  ...more,
});
const PASS = [3020, 3150, 3400].map((outage) => run({ outage, lost: 300 }));

test('a story tells its figures in words that people read', (t) => {
  const figures = { outage: 15_400, 'heal.outage': [0, 344], lost: 12 } as const;
  t.is(
    withFigures('Measured: {outage}, {heal.outage} when it heals, {lost} lost.', figures),
    'Measured: 15.4 s, 0.0 ms to 344 ms when it heals, 12 lost.',
  );
  t.throws(() => withFigures('Measured: {outrage}.', figures), { message: /tells \{outrage\}/ });
});

test('a figure is true when it lies among the runs of the pass, or as near as passes repeat', (t) => {
  const holds = (outage: number) => checkFigures({ outage }, PASS)[0]?.holds;
  t.deepEqual([3000, 3100, 3500, 2800, 3700].map(holds), [true, true, true, false, false]);
  t.is(checkFigures({ outage: [3000, 3400] }, PASS)[0]?.measured?.text, '3.15 s (3.02 s to 3.40 s)');
});

test('a count is exact', (t) => {
  const [lost] = checkFigures({ lost: 0 }, [run({ lost: 1 })]);
  t.false(lost?.holds);
  t.true(checkFigures({ lost: 0 }, [run({ lost: 0 })])[0]?.holds);
});

test('what was done later in the run has figures of its own', (t) => {
  const at = { iso: '2026-01-01T00:00:00.000Z', ns: '0' };
  const thaw = {
    kind: 'heal' as const,
    name: 'thaw',
    target: 'amphora-1',
    at,
    judged: false,
    metrics: { outage: 230 },
  };
  const pass = [run({ outage: 3100 }, { episodes: [thaw] })];
  t.true(checkFigures({ 'heal.outage': [200, 240] }, pass)[0]?.holds);
  t.false(checkFigures({ 'heal.outage': 90 }, pass)[0]?.holds);
});

test('a figure of which the pass has no run is not true', (t) => {
  t.deepEqual(checkFigures({ outage: 3100 }, [run({ outage: 3100 }, { status: 'invalid' })]), [
    { metric: 'outage', said: '3.10 s', holds: false },
  ]);
});

test('an outage that was not over contradicts a figure, unless it was longer in some', (t) => {
  const dead = [run({ outage: 30_000 }, { status: 'failed', over: false })];
  t.false(checkFigures({ outage: 3100 }, dead)[0]?.holds);
});

test('a story that tells what was measured says it where it can be compared', async (t) => {
  for (const { name, story, measured } of (await catalogue()).scenarios) {
    if (/\bMeasured\b/.test(story)) t.truthy(measured, name);
  }
});
