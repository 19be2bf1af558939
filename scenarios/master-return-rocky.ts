import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-return-rocky', {
  title: 'the old master returns under the Rocky template: it takes the VIP back',
  group: 'return',
  story: `The Rocky form of the template says state MASTER, and keepalived ignores nopreempt on an instance that starts
so: the returning master takes the VIP back. A pair without nopreempt does the same, after its preempt_delay.`,
  parameters: { profile: 'rocky' },
  oldMaster: 'takes the VIP back',
  model: silentMaster,
  async run({ master, backup, fault, heal, expect }) {
    const cut = await fault.cutPort(master);
    await expect.vipOn(backup, cut);
    const raised = await heal.raisePort(master);
    await expect.vipOn(master, raised);
    await expect.vipGoneFrom(backup, raised);
    await expect.soleHolder(master, raised);
    await expect.servedBy(master, raised);
  },
});
