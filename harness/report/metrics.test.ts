import test from 'ava';
import { backup, master, ns, VIP } from '../analysis/timeline/failover.fixture.ts';
import { judge } from '../analysis/verdict/judge.ts';
import { stored } from '../analysis/verdict/stored-run.fixture.ts';
import { METRICS, metricTable } from './metrics.ts';

test('every metric that a verdict has is explained', (t) => {
  const tables = [master.node, backup.node].flatMap((node) =>
    [0, 5].map((entries) => ({
      kind: 'table' as const,
      node,
      table: 'pool',
      entries,
      atNs: ns(100 * entries),
      sinceNs: ns(100 * entries - 5),
    })),
  );
  const run = stored([
    ...tables,
    { kind: 'address', atNs: ns(3200), node: backup.node, change: 'added', interface: 'eth1', address: VIP },
    { kind: 'processor watch', atNs: ns(-1000), untilNs: ns(5000), waitedMs: {} },
    { kind: 'silence', atNs: ns(0), untilNs: ns(3290), sent: 3290, spacingMs: 1.2 },
    { kind: 'connection', atNs: ns(1000), connection: 1, change: 'cut', detail: 'no answer' },
  ]);
  const measures = { storyConnectionsCut: 20, refreshInterval: 5000 };
  const { metrics } = judge({ ...run, facts: { ...run.facts, measures } }, { model: () => 3280 });
  t.deepEqual(
    Object.keys(metrics).filter((name) => !(name in METRICS)),
    [],
  );
  t.like(metrics, {
    starved: 0,
    packetStarved: 0,
    cutConnections: 1,
    storyConnectionsCut: 20,
    refreshInterval: 5000,
    peerSyncEntries: 5,
  });
});

test('the table has a row of its own for each metric, and no empty cell', (t) => {
  const rows = metricTable().slice(2);
  t.is(rows.length, Object.keys(METRICS).length);
  for (const row of rows) t.regex(row, /^(\| [^|]+ ){7}\|$/);
});
