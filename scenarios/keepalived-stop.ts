import { skewMs } from '../harness/model/vrrp.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-stop', {
  title: 'the master says farewell with priority 0: the backup waits for its skew alone',
  model: ({ advertIntMs, backupPriority, parameters }) =>
    skewMs(parameters.vrrp_version, advertIntMs, backupPriority),
  async run({ master, backup, fault, expect }) {
    const farewell = await fault.stopKeepalived(master);
    await expect.vipGoneFrom(master, farewell);
    await expect.vipOn(backup, farewell);
    await expect.neighbourAt(backup, farewell);
    await expect.servedBy(backup, farewell);
  },
});
