import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-return', {
  title: 'the old master returns: nopreempt leaves the VIP where it is',
  group: 'return',
  story: `The current form of the template has no state, so that nopreempt applies: a master that comes back with its
higher priority stays a backup, and clients do not move twice.`,
  oldMaster: 'stays backup',
  model: silentMaster,
  async run({ master, backup, fault, heal, expect }) {
    const cut = await fault.cutPort(master);
    await expect.vipOn(backup, cut);
    const raised = await heal.raisePort(master);
    await expect.vipStays(raised, { intervals: 5 });
    await expect.soleHolder(backup, raised);
    await expect.servedBy(backup, raised);
  },
});
