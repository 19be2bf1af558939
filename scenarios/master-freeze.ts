import { masterSilentlyGone, silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-freeze', {
  title: 'the master freezes and thaws: two masters until its first advertisement',
  group: 'loss of the master',
  story: `The cgroup freezer stops the whole amphora, as a host pauses a virtual machine. The backup takes over. When the old
master thaws, it is still in state MASTER, with the higher priority: it takes the VIP back despite nopreempt.
Measured: {outage} without service, and {heal.outage} when it thaws and the VIP moves back.`,
  measured: { outage: 3100, 'heal.outage': [0, 10] },
  model: silentMaster,
  aftermath: masterSilentlyGone,
  async run({ master, backup, fault, heal, expect }) {
    const frozen = await fault.freeze(master);
    await expect.vipOn(backup, frozen);
    await expect.servedBy(backup, frozen);
    const thawed = await heal.thaw(master);
    await expect.vipGoneFrom(backup, thawed);
    await expect.soleHolder(master, thawed);
    await expect.servedBy(master, thawed);
  },
});
