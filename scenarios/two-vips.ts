import { ADDRESSES6 } from '../harness/lab/addresses.ts';
import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('two-vips', {
  title: 'a VIP of each version of IP: both move together',
  group: 'variants',
  story: `The load balancer has an additional VIP over IPv6. One VRRP instance advertises the IPv4 address; the other one is
among virtual_ipaddress_excluded (keepalived.conf(5)) and moves only with it.`,
  loadBalancer: {
    additional_vips: [
      { ip_address: ADDRESSES6.vip, subnet_cidr: ADDRESSES6.vipSubnet, gateway_ip: ADDRESSES6.gateway },
    ],
  },
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    await expect.addressAnswers(ADDRESSES6.vip);
    const loss = await fault.powerOff(master);
    await expect.vipOn(backup, loss);
    await expect.servedBy(backup, loss);
    await expect.addressAnswers(ADDRESSES6.vip);
  },
});
