import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-stop', {
  title: 'the master leaves with priority 0: the backup only waits for its skew',
  group: 'loss of the master',
  story: `The agent stops keepalived. It removes the VIP and sends an advertisement with priority 0, so that the backup
does not have to wait for silence.`,
  model: farewell,
  async run({ master, backup, fault, expect }) {
    const stop = await fault.stopKeepalived(master);
    await expect.farewellFrom(master, stop);
    await expect.vipGoneFrom(master, stop);
    await expect.vipOn(backup, stop);
    await expect.neighbourAt(backup, stop);
    await expect.servedBy(backup, stop);
  },
});
