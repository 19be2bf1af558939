import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('peer-resync', {
  title: 'a restarted HAProxy learns the whole table from its peer',
  group: 'state',
  story: `HAProxy of the backup dies and is restarted with an empty table: its peer sends it the whole table.`,
  loadBalancer: { pool: { session_persistence: { type: 'SOURCE_IP' } } },
  model: noOutage,
  async run({ backup, traffic, fault, expect }) {
    await traffic.visits(50);
    await expect.tableEntries(backup, { least: 50 });
    const death = await fault.kill('haproxy', backup);
    await expect.tableEntries(backup, { least: 50 });
    await expect.vipStays(death, { intervals: 2 });
    await expect.noRequestLost(death);
  },
});
