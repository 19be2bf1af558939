import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('vrrpv3-100ms', {
  title: 'VRRPv3 with an advertisement every 100 ms: the power loss costs a third of a second',
  group: 'variants',
  story: `VRRP version 3 counts in hundredths of a second, and its skew is a share of the interval (RFC 5798, section 6.1).`,
  parameters: { vrrp_version: 3, advert_int: 0.1 },
  repeatable: true,
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.vipOn(backup, loss);
    await expect.neighbourAt(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
