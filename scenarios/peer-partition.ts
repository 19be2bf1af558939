import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('peer-partition', {
  title: 'the peers do not hear each other: sessions are exchanged when they meet again',
  group: 'state',
  story: `The peers' port is cut between the amphorae while VRRP passes: nobody takes over, and the backup learns nothing
until the connection is made again and the missing entries are sent.`,
  loadBalancer: { pool: { session_persistence: { type: 'SOURCE_IP' } } },
  model: noOutage,
  async run({ master, backup, traffic, fault, heal, expect }) {
    const lost = await fault.losePeers();
    await traffic.visits(50);
    await expect.tableEntries(master, { least: 50 });
    await expect.tableLacks(backup, lost, { most: 1 });
    await heal.loseNothing();
    await expect.tableEntries(backup, { least: 50 });
    await expect.vipStays(lost, { intervals: 2 });
  },
});
