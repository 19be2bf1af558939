import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('udp-master-kill', {
  title: 'the master of a UDP listener loses power',
  group: 'variants',
  story: `HAProxy takes no part: the kernel's IPVS forwards datagrams as keepalived configures it. Each amphora has
its own table of connections, so that a client's next datagram is a new connection to the new master.
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
