import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('backup-return', {
  title: 'the backup leaves and returns: the VIP stays',
  group: 'return',
  story: `The backup's port is cut and raised again. It returns as a backup, hears the master and stays a backup.`,
  model: noOutage,
  async run({ backup, fault, heal, expect }) {
    const cut = await fault.cutPort(backup);
    await expect.vipStays(cut, { intervals: 2 });
    const raised = await heal.raisePort(backup);
    await expect.vipStays(raised, { intervals: 5 });
    await expect.noRequestLost(cut);
  },
});
