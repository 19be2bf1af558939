import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('rocky-master-kill', {
  title: 'the master loses power under the Rocky template',
  group: 'variants',
  story: `The Rocky template sets a state, which matters for a return and not for a take-over.`,
  parameters: { profile: 'rocky' },
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.vipOn(backup, loss);
    await expect.announcementFrom(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
