import { masterSilentlyGone, noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('one-way-loss', {
  title: 'the master hears the backup and is not heard: it stays master beside the new one',
  group: 'network',
  story: `The master's advertisements are lost on their way. The backup takes over after silence; the master hears a lower
priority, ignores it and stays. Both hold the VIP until the master is heard again.`,
  model: noOutage,
  aftermath: masterSilentlyGone,
  async run({ master, backup, fault, heal, expect }) {
    const lost = await fault.loseAdvertisementsFrom(master);
    await expect.vipOn(backup, lost);
    const healed = await heal.loseNothing();
    await expect.vipGoneFrom(backup, healed);
    await expect.soleHolder(master, healed);
    await expect.servedBy(master, healed);
  },
});
