import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-kill', {
  title: 'the master loses power',
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.advertisementFrom(backup, loss);
    await expect.vipOn(backup, loss);
    await expect.gratuitousArpFrom(backup, loss);
    await expect.neighbourAt(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
