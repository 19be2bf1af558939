import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('session-source-ip', {
  title: 'clients with SOURCE_IP persistence stay with their member across the failover',
  group: 'state',
  story: `The backup knows each client's member before it serves the first of them.`,
  loadBalancer: { pool: { session_persistence: { type: 'SOURCE_IP' } } },
  model: silentMaster,
  async run({ master, backup, traffic, fault, expect }) {
    const visits = await traffic.visits(20);
    await expect.tableEntries(backup, { least: 20 });
    const loss = await fault.powerOff(master);
    await expect.servedBy(backup, loss);
    await expect.sameMembers(visits);
  },
});
