import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-hang', {
  title: "the master's keepalived hangs: HAProxy serves on until the backup announces the VIP",
  model: noOutage,
  async run({ master, backup, fault, expect }) {
    const hang = await fault.hang('keepalived', master);
    await expect.vipOn(backup, hang);
    await expect.neighbourAt(backup, hang);
    await expect.servedBy(backup, hang);
  },
});
