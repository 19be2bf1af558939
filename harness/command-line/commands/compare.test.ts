import test from 'ava';
import { drawnEntry, drawnRuns } from '../../compare/history/real-runs.fixture.ts';
import { compareResults } from '../../compare/history/two-results.ts';
import { randomFrom } from '../../scenario/phases.ts';
import { comparisonText } from './compare.ts';

const random = randomFrom(41);
const DEMANDED = { moreMs: 195.3 };

test('two results are compared in a table, and a sentence says what changed and by which part', (t) => {
  const before = drawnEntry(1, { changed: drawnRuns(12, random), same: drawnRuns(12, random) });
  const after = drawnEntry(
    2,
    { changed: drawnRuns(12, random, {}, DEMANDED), same: drawnRuns(12, random, {}, DEMANDED) },
    undefined,
    40,
  );
  const text = comparisonText(compareResults(before, after, 50), 50);
  t.regex(text, /^night-002 against night-001\n/);
  t.regex(text, /│ changed +│ slower +│ +(19|20)\d\.\d +│ 195\.3 +│ +-?\d+\.\d \(same\)/);
  t.regex(
    text,
    /changed: night-002 is slower by \d+ ms: the configuration demands 195 ms more \(amphora-2, keepalived\.conf: priority 90 → 40\), software takes \d+ ms (more|less) \(same\); requests' outage, interval \+\d+ ms to \+\d+ ms, p \S+, 12 against 12 runs\./,
  );
});

test('a result whose service did not return is slower by at least what was watched', (t) => {
  const dead = drawnRuns(3, random).map((run) => ({
    ...run,
    over: false,
    metrics: { ...run.metrics, outage: 30_000 },
  }));
  const found = compareResults(
    drawnEntry(1, { 'master-kill': drawnRuns(3, random) }),
    drawnEntry(2, { 'master-kill': dead }),
    50,
  );
  t.is(found.scenarios[0]?.verdict, 'slower');
  const text = comparisonText(found, 50);
  t.regex(text, /slower +│ at least +│[\s\S]*│ 2\d{4}\.\d/);
  t.regex(text, /is slower by at least 2\d{4} ms \(night-002 not over in 3 of 3 runs\)/);
  t.notRegex(text, /Infinity|NaN/);
});
