import { ADDRESSES6 } from '../harness/lab/addresses.ts';
import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('ipv6-vip', {
  title: 'an IPv6 VIP: the master loses power, neighbour advertisements announce the new one',
  group: 'variants',
  story: `Everything as in master-kill, over IPv6: keepalived speaks VRRP version 3 by itself, the router learns by unsolicited
neighbour advertisements (RFC 4861, section 7.2.6) what it learns over IPv4 by gratuitous ARP.`,
  loadBalancer: { vip_address: ADDRESSES6.vip },
  repeatable: true,
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.vipOn(backup, loss);
    await expect.announcementFrom(backup, loss);
    await expect.neighbourAt(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
