import test from 'ava';
import { clockMs, processStartMs, timingsBetween, timingTable } from './timings.ts';

test('each part takes from the end of the one before to its own end, and all together the whole', (t) => {
  const timings = timingsBetween(100, { lab: 1100, process: 400, election: 5100, outage: 8000 });
  t.deepEqual(timings, [
    { part: 'process', ms: 300 },
    { part: 'lab', ms: 700 },
    { part: 'election', ms: 4000 },
    { part: 'outage', ms: 2900 },
  ]);
  t.is(
    timings.reduce((sum, { ms }) => sum + ms, 0),
    8000 - 100,
  );
});

test('a part that was over before the one before it ran beside it, and takes nothing', (t) => {
  t.deepEqual(timingsBetween(0, { lab: 900, agents: 700, loadBalancer: 1000 }), [
    { part: 'lab', ms: 900 },
    { part: 'agents', ms: 0 },
    { part: 'loadBalancer', ms: 100 },
  ]);
});

test('the protocol demands no more of a part than the part took', (t) => {
  const demanded = { election: 3609, outage: 3200 };
  t.deepEqual(timingsBetween(0, { election: 3500, outage: 6900 }, demanded), [
    { part: 'election', ms: 3500, protocolMs: 3500 },
    { part: 'outage', ms: 3400, protocolMs: 3200 },
  ]);
});

test('a table has the medians of the runs between what the command took, and their sums', (t) => {
  const run = (lab: number, outage: number) =>
    timingsBetween(0, { lab, outage: lab + outage }, { outage: 3000 });
  const command = timingsBetween(0, { npm: 200, tearDown: 300 });
  t.deepEqual(timingTable(command, [run(1000, 3100), run(1200, 3200), run(9000, 3000)]), {
    runs: 3,
    rows: [
      { part: 'npm', ms: 200 },
      { part: 'lab', ms: 1200 },
      { part: 'outage', ms: 3100, protocolMs: 3000 },
      { part: 'tearDown', ms: 100 },
    ],
    totalMs: 4600,
    protocolMs: 3000,
  });
  t.is(timingTable([], []), undefined);
});

test('the clock goes on over processes: this one was started before now', (t) => {
  const [startMs, nowMs] = [processStartMs(), clockMs()];
  t.true(startMs < nowMs && nowMs - startMs < 3_600_000);
});
