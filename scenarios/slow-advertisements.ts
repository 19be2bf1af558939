import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('slow-advertisements', {
  title: 'an advertisement every two seconds: the power loss costs twice as much',
  group: 'variants',
  story: `Fewer advertisements cost longer outages. The skew of VRRPv2 does not grow with the interval.`,
  parameters: { advert_int: 2 },
  repeatable: true,
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.vipOn(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
