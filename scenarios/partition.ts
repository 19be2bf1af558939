import { masterSilentlyGone, noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('partition', {
  title:
    'the amphorae do not hear each other while clients reach both: two masters, until the partition heals',
  group: 'network',
  story: `Split brain: nothing passes between the amphorae. The backup takes over beside the master, and clients
follow its announcement. When the partition heals, the lower priority hears the higher and steps down.
Measured: no request was lost, neither when the pair splits nor when it heals.`,
  measured: { lost: 0 },
  model: noOutage,
  aftermath: masterSilentlyGone,
  async run({ master, backup, fault, heal, expect }) {
    const split = await fault.partition();
    await expect.vipOn(backup, split);
    await expect.servedByAnother(master, split);
    const healed = await heal.loseNothing();
    await expect.vipGoneFrom(backup, healed);
    await expect.soleHolder(master, healed);
    await expect.servedBy(master, healed);
  },
});
