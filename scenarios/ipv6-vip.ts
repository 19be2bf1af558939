import { ADDRESSES6 } from '../harness/lab/addresses.ts';
import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('ipv6-vip', {
  title: 'an IPv6 VIP: the master loses power, neighbour advertisements announce the new one',
  group: 'variants',
  story: `As master-kill, over IPv6: keepalived uses VRRP version 3 there, and the router learns the new place of the VIP from
unsolicited neighbour advertisements (RFC 4861, section 7.2.6) instead of gratuitous ARP.`,
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
