import test from 'ava';
import { randomFrom } from '../../scenario/phases.ts';
import { backgroundOf, trendOf } from './background.ts';
import { rollingBaseline } from './baseline.ts';
import { configurationsOf } from './entry.ts';
import { gate } from './gate.ts';
import { drawnEntry, drawnRuns } from './real-runs.fixture.ts';

const random = randomFrom(71);
const NAME = 'master-kill';
const plain = (night: number, runs = 8) => drawnEntry(night, { [NAME]: drawnRuns(runs, random) });
const demanding = (night: number, runs = 8) =>
  drawnEntry(night, { [NAME]: drawnRuns(runs, random, {}, { moreMs: 195.3 }) }, undefined, 40);

test('the trend shows what clients get at equal phase, and names what the configuration demands from which night on', (t) => {
  const trend = trendOf([plain(1), plain(2), demanding(3, 1), demanding(4)], 50);
  const outages = trend.map(({ outage }) => outage?.median ?? 0);
  t.true(outages.slice(0, 2).every((ms) => Math.abs(ms - 3660) < 30));
  t.true(
    outages.slice(2).every((ms) => Math.abs(ms - 3855) < 60),
    outages.join(),
  );
  t.deepEqual(
    trend.map(({ changePoint }) => changePoint),
    [
      undefined,
      undefined,
      'the configuration demands 195 ms more (amphora-2, keepalived.conf: priority 90 → 40)',
      undefined,
    ],
  );
});

test('software that takes longer from a night on is reported as such', (t) => {
  const slow = (night: number) => drawnEntry(night, { [NAME]: drawnRuns(8, random, { detection: 1.1 }) });
  const nights = [
    ...Array.from({ length: 10 }, (_, n) => plain(n)),
    ...[10, 11, 12, 13, 14, 15, 16, 17].map(slow),
  ];
  const told = trendOf(nights, 50).flatMap(({ id, changePoint }) => (changePoint ? [[id, changePoint]] : []));
  t.is(told.length, 1);
  t.is(told[0]?.[0], 'night-010');
  t.regex(told[0]?.[1] ?? '', /^software went from -?\d+ to \d+ ms beyond the demand$/);
});

test('a night whose service did not return has no median in its point', (t) => {
  const dead = plain(2, 3);
  const scenarios = dead.scenarios.map((scenario) => ({
    ...scenario,
    runs: scenario.runs.map((run) => ({ ...run, over: false })),
  }));
  const [, point] = trendOf([plain(1), { ...dead, scenarios }], 50);
  t.like(point, { n: 3, notOver: 3, outage: { median: null, ci95: null } });
});

test('the report gets a changed demand as a regression, and an accepted one as accepted', (t) => {
  const history = [plain(1), plain(2), plain(3)];
  const tonight = demanding(4, 2);
  const told = (acceptDemand: boolean) => {
    const candidates = tonight.scenarios.map((scenario) => ({
      ...scenario,
      configurations: configurationsOf(tonight, scenario),
      baseline: rollingBaseline(history, scenario, 'abcdefabcdef'),
    }));
    const findings = gate(candidates, 'abcdefabcdef', { acceptDemand });
    return backgroundOf(findings, history, 50).changes[0];
  };
  t.is(told(false)?.verdict, 'regressed');
  t.regex(told(false)?.text ?? '', /demands 195 ms more \(amphora-2, keepalived\.conf: priority 90 → 40\)/);
  t.is(told(true)?.verdict, 'accepted');
});
