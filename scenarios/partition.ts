import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('partition', {
  title:
    'advertisements are lost while clients reach both: two masters, until the higher priority is heard again',
  model: noOutage,
  async run({ master, backup, fault, heal, expect }) {
    const lost = await fault.loseAdvertisements();
    await expect.vipOn(backup, lost);
    await expect.servedBy(backup, lost);
    const healed = await heal.loseNothing();
    await expect.vipGoneFrom(backup, healed);
    await expect.servedBy(master, healed);
  },
});
