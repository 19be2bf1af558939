import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('session-app-cookie', {
  title: 'clients with APP_COOKIE persistence stay with their member across the failover',
  group: 'state',
  story: `The application sets the cookie; HAProxy stores which member did, and sends that to its peer.`,
  loadBalancer: { pool: { session_persistence: { type: 'APP_COOKIE', cookie_name: 'JSESSIONID' } } },
  model: silentMaster,
  async run({ master, backup, traffic, fault, expect }) {
    const visits = await traffic.visits(20);
    await expect.tableEntries(backup, { least: 20 });
    const loss = await fault.powerOff(master);
    await expect.servedBy(backup, loss);
    await expect.sameMembers(visits);
  },
});
