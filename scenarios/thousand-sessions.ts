import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('thousand-sessions', {
  title: 'a thousand sessions survive the failover',
  group: 'state',
  story: `The stick table of Octavia holds 10,000 entries. A thousand clients come, the master loses power, all return.`,
  loadBalancer: { pool: { session_persistence: { type: 'SOURCE_IP' } } },
  model: silentMaster,
  async run({ master, backup, traffic, fault, expect }) {
    const visits = await traffic.visits(1000);
    await expect.tableEntries(backup, { least: 1000 });
    const loss = await fault.powerOff(master);
    await expect.servedBy(backup, loss);
    await expect.sameMembers(visits);
  },
});
