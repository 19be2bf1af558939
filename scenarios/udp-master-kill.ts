import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('udp-master-kill', {
  title: 'the master of a UDP listener loses power',
  group: 'variants',
  story: `HAProxy has no part in this: the kernel's IPVS passes datagrams on, and keepalived tells it where. Each amphora has
its own table of connections, and so a client's next datagram is a new connection to the new master.
Where the kernel has no IPVS, nothing is built and the scenario is skipped.`,
  loadBalancer: { listener: { protocol: 'UDP' }, pool: { protocol: 'UDP' } },
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.vipOn(backup, loss);
    await expect.announcementFrom(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
