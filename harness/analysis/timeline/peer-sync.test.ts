import test from 'ava';
import fc from 'fast-check';
import type { TableObservation } from '../../observations/observation.ts';
import { backup, master, ns } from './failover.fixture.ts';
import { peerSyncLag, peerSyncMetrics } from './peer-sync.ts';

const NODES = [master.node, backup.node] as const;
const LOOK_MS = 5;

/** What looks at a table see: each time that its number of entries has changed, by when. */
function looked(
  node: string,
  changes: readonly (readonly [atMs: number, entries: number])[],
  { offsetMs = 0, untilMs = 10_000, table = 'pool' } = {},
): TableObservation[] {
  const found: TableObservation[] = [];
  for (let atMs = offsetMs; atMs <= untilMs; atMs += LOOK_MS) {
    const entries = changes.findLast(([changedMs]) => changedMs <= atMs)?.[1] ?? 0;
    const last = atMs + LOOK_MS > untilMs;
    if (found.length > 0 && found.at(-1)?.entries === entries && !last) continue;
    found.push({ kind: 'table', node, table, entries, atNs: ns(atMs), sinceNs: ns(atMs - LOOK_MS) });
  }
  return found;
}

/** Entries added at each of these instants. */
const growing = (...atMs: readonly number[]) => atMs.map((ms, n) => [ms, n + 1] as const);

test('a cut of the peers is found as long as it was, whatever its length', (t) => {
  for (const cutMs of [0, 200, 3000]) {
    const made = [1000, 1003, 1010, 1080];
    const lag = peerSyncLag([
      ...looked(master.node, growing(...made)),
      ...looked(backup.node, growing(...made.map((ms) => ms + cutMs)), { offsetMs: 2 }),
    ]);
    t.is(lag?.entries, 4);
    t.is(lag?.missing, 0);
    for (const found of [lag?.median, lag?.p95, lag?.max]) {
      t.true(Math.abs((found ?? Number.NaN) - cutMs) <= 5, `${found} for ${cutMs}`);
    }
    t.is(lag?.uncertainty, 5);
  }
});

test('no entry is further off than the uncertainty says, whenever the looks are', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ gapMs: fc.nat(40), lagMs: fc.nat(3000) }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: LOOK_MS, noNaN: true }),
        fc.constantFrom(...NODES),
        (entries, offsetMs, origin) => {
          const made = entries.map(({ gapMs }, n) =>
            entries.slice(0, n).reduce((sum, entry) => sum + entry.gapMs, 100 + gapMs),
          );
          const there: number[] = [];
          // In the order in which they were made.
          for (const [n, { lagMs }] of entries.entries()) {
            there.push(Math.max(there.at(-1) ?? 0, (made[n] ?? 0) + lagMs));
          }
          const sorted = made.toSorted((one, other) => one - other);
          const arrived = there.toSorted((one, other) => one - other);
          const longest = Math.max(...arrived.map((ms, n) => ms - (sorted[n] ?? 0)));
          const lag = peerSyncLag([
            ...looked(origin, growing(...sorted)),
            ...looked(NODES.find((node) => node !== origin) ?? '', growing(...arrived), { offsetMs }),
          ]);
          return lag?.max !== undefined && Math.abs(lag.max - longest) <= lag.uncertainty + 1e-6;
        },
      ),
      { numRuns: 200 },
    ),
  );
});

test('what never arrives is missing, and no number that it would be part of is given', (t) => {
  const made = Array.from({ length: 10 }, (_, n) => 1000 + 10 * n);
  const lag = peerSyncLag([
    ...looked(master.node, growing(...made)),
    ...looked(backup.node, growing(...made.slice(0, 8))),
  ]);
  t.like(lag, { entries: 8, missing: 2, median: 0 });
  t.false('max' in (lag ?? {}));
  t.false('p95' in (lag ?? {}));
  const none = peerSyncMetrics([...looked(master.node, growing(...made)), ...looked(backup.node, [])]);
  t.deepEqual(none, { peerSyncUncertainty: 0, peerSyncEntries: 0, peerSyncMissing: 10 });
});

test('an amphora that is gone misses nothing', (t) => {
  const history = [
    ...looked(master.node, [...growing(1000, 1010), [2000, 0]], { untilMs: 2000 }),
    ...looked(backup.node, growing(1000, 1010, 3000, 3010)),
  ];
  t.like(peerSyncLag(history), { entries: 2, missing: 0 });
});

test('what a restarted HAProxy learns again was not made then', (t) => {
  const entries = growing(1000, 1010);
  const history = [
    ...looked(master.node, [...entries, [6000, 3]]),
    ...looked(backup.node, [...entries, [2000, 0], [4000, 2], [6100, 3]]),
  ];
  const lag = peerSyncLag(history);
  t.is(lag?.entries, 3);
  t.is(lag?.max, 100);
});

test('what is lost with the HAProxy that made it is made anew', (t) => {
  const history = [
    ...looked(master.node, [
      [1000, 5],
      [2000, 0],
      [5000, 5],
    ]),
    ...looked(backup.node, [[5050, 5]]),
  ];
  t.like(peerSyncLag(history), { entries: 5, missing: 0, max: 50 });
});

test('entries that were there before the first look do not count', (t) => {
  const history = [...looked(master.node, [[-100, 7]]), ...looked(backup.node, [[500, 7]])];
  t.is(peerSyncLag(history), undefined);
});

test('tables are followed each by itself', (t) => {
  const history = ['one', 'two'].flatMap((table, n) => [
    ...looked(master.node, growing(1000, 1010), { table }),
    ...looked(backup.node, growing(1100 + 100 * n, 1110 + 100 * n), { table }),
  ]);
  const lag = peerSyncLag(history);
  t.is(lag?.entries, 4);
  t.is(lag?.median, 150);
});

test('one node alone has no peer to lag behind', (t) => {
  t.is(peerSyncLag(looked(master.node, growing(1000))), undefined);
  t.deepEqual(peerSyncMetrics([]), {});
});
