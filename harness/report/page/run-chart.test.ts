import test from 'ava';
import { exampleReport } from '../content/example.ts';
import { recentChart, runChart } from './run-chart.ts';

const REQUESTS = { spaceMs: 300, nodes: [], counts: [] };

test('labels of what was done do not overlap: one that finds no room is left out, its line stays', (t) => {
  const deeds = [-20_000, -19_000, -18_000, -500].map((atMs, n) => ({
    ...{ atMs, source: 'amphora-1', kind: n === 1 ? 'heal' : 'fault' },
    detail: `something with a long name ${n + 1}`,
  }));
  const picture = { fromMs: -30_000, toMs: 0, requests: REQUESTS, holders: [] };
  const drawn = String(recentChart(deeds, picture, ['amphora-1']));
  t.is(drawn.match(/class="(?:fault|deed)-line"/g)?.length, 4);
  t.deepEqual(
    [...drawn.matchAll(/long name (\d), amphora-1</g)].map(([, n]) => n),
    ['1', '2', '4'],
  );
});

test('a repair before the fault ends nothing that the fault began', async (t) => {
  await using example = await exampleReport();
  const run = example.result.scenarios[0]?.runs[0];
  if (!run) throw new Error('The example has a run.');
  const heal = { atMs: -500, source: 'amphora-1', kind: 'heal', detail: 'machine booted' };
  const picture = { fromMs: -1000, toMs: 4000, requests: REQUESTS, holders: [], log: [] };
  const chart = String(runChart({ ...run, events: [heal, ...run.events] }, picture));
  t.notRegex(chart, /width="-/);
});
