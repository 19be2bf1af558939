import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('short-cut', {
  title: "the master's wire is cut, and comes back once the backup serves",
  group: 'network',
  story: `keepalived sees its carrier go and gives the VIP up. When the wire is back, nopreempt leaves the VIP where it is.`,
  model: silentMaster,
  async run({ master, backup, fault, heal, expect }) {
    const cut = await fault.cutPort(master);
    await expect.vipGoneFrom(master, cut);
    await expect.servedBy(backup, cut);
    const raised = await heal.raisePort(master);
    await expect.vipStays(raised, 3);
  },
});
