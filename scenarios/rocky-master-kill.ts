import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('rocky-master-kill', {
  title: 'the master loses power under the Rocky template',
  group: 'variants',
  story: `The seed's template says state, which changes who returns, not who takes over.`,
  parameters: { profile: 'rocky' },
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.vipOn(backup, loss);
    await expect.announcementFrom(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
