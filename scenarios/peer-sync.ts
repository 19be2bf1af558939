import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('peer-sync', {
  title: 'sessions made through the master appear on the backup',
  group: 'state',
  story: `Fifty clients with SOURCE_IP persistence: each makes an entry in the master's stick table, and HAProxy's peers
protocol sends it to the backup. How long an entry takes is the metric peerSyncLag.`,
  loadBalancer: { pool: { session_persistence: { type: 'SOURCE_IP' } } },
  model: noOutage,
  async run({ master, backup, traffic, mark, expect }) {
    const start = await mark('clients come');
    await traffic.visits(50);
    await expect.tableEntries(master, { least: 50 });
    await expect.tableEntries(backup, { least: 50 });
    await expect.vipStays(start, { intervals: 1 });
  },
});
