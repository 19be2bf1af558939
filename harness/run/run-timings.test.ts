import test from 'ava';
import { stored } from '../analysis/verdict/stored-run.fixture.ts';
import { advertisement, FAULT_AT_MS } from '../observations/history.fixture.ts';
import type { RunResult } from '../result/result.ts';
import { runTimings } from './run-timings.ts';

/** The monotonic clock is behind the wall clock by so much, ms. */
const OFFSET_MS = -1_699_999_000_000;
/** The fault's instant on the monotonic clock. */
const FAULT_MS = FAULT_AT_MS + OFFSET_MS;

const instant = { iso: '', ns: String(BigInt(FAULT_AT_MS) * 1_000_000n) };
const episode = {
  ...{ kind: 'fault' as const, name: 'power loss', target: 'amphora-1', at: instant, judged: true },
  ...{ metrics: { outage: 3300 }, predicted: { outage: { min: 3148, max: 3148 } } },
};
const run: Pick<RunResult, 'faultAt' | 'episodes'> = { faultAt: instant, episodes: [episode] };
const KEEPALIVED = 'vrrp_instance a {\n  advert_int 1\n  priority 100\n}\n';

const of = (built: boolean) => {
  const history = stored([advertisement(-2000, { node: 'amphora-1', ip: '172.16.1.3' }, 100)]);
  const configurations = { 'amphora-1': { keepalived: KEEPALIVED, haproxy: '' } };
  const ends = {
    ...{ process: FAULT_MS - 7000, lab: FAULT_MS - 6000, steady: FAULT_MS - 1800 },
    ...{ settling: FAULT_MS + 4000, judging: FAULT_MS + 4100 },
  };
  return runTimings(
    { orderedMs: FAULT_MS - 7500, ends, offsetMs: OFFSET_MS, built },
    { ...history, configurations },
    run,
  );
};

test('what is observed has its instants on the wall clock, and the rest on the monotonic one', (t) => {
  t.deepEqual(of(true), [
    { part: 'process', ms: 500 },
    { part: 'lab', ms: 1000 },
    // 3 × 1 s and a skew of 156/256 s.
    { part: 'election', ms: 4000, protocolMs: 3609.375 },
    { part: 'steady', ms: 200 },
    { part: 'phase', ms: 1800 },
    { part: 'outage', ms: 3300, protocolMs: 3148 },
    { part: 'settling', ms: 700 },
    { part: 'judging', ms: 100 },
  ]);
});

test('in a lab that an earlier run left, nobody is elected first', (t) => {
  t.deepEqual(
    of(false).map(({ part }) => part),
    ['process', 'lab', 'steady', 'phase', 'outage', 'settling', 'judging'],
  );
});
