import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('backup-kill', {
  title: 'the backup loses power: clients do not notice',
  group: 'return',
  story: `The master serves on; the pair has no backup from then on.`,
  repeatable: true,
  model: noOutage,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(backup);
    await expect.vipStays(loss, { intervals: 4 });
    await expect.servedBy(master, loss);
    await expect.noRequestLost(loss);
  },
});
