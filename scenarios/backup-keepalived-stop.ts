import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('backup-keepalived-stop', {
  title: "the backup's keepalived stops: the master goes on",
  group: 'return',
  story: `A backup sends nothing when it leaves, and a master does not wait for backups.`,
  model: noOutage,
  async run({ backup, fault, expect }) {
    const stop = await fault.stopKeepalived(backup);
    await expect.vipStays(stop, { intervals: 4 });
    await expect.noRequestLost(stop);
  },
});
