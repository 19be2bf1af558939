import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-reboot', {
  title: 'the master reboots: it comes back without help, and can serve again',
  group: 'loss of the master',
  story: `systemd stops the services in order; the backup takes over. The amphora then starts again with its namespace, its
interfaces, keepalived and HAProxy, without the controller: when the backup leaves, the rebooted one serves.
A surprise: an orderly reboot costs a fifth of a power loss. Measured: {outage} without
service.`,
  measured: { outage: [560, 665] },
  parameters: { check_interval: 1 },
  oldMaster: 'stays backup',
  model: upTo(
    'the stop of HAProxy comes before the farewell, and the way back may cost a master-down interval',
    3000,
  ),
  judgedBy: 'all',
  async run({ master, backup, mark, fault, expect }) {
    const reboot = await fault.reboot(master);
    await expect.vipOn(backup, reboot);
    await expect.servedBy(backup, reboot);
    await expect.vipStays(await mark('the rebooted one is back'), { intervals: 4 });
    const back = await fault.stopKeepalived(backup);
    await expect.servedBy(master, back);
  },
});
