import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-kill', {
  title: 'the master loses power',
  group: 'loss of the master',
  story: `The master's switch port is cut and its process 1 killed: it sends neither a farewell nor a reset.
The backup notices only the silence.`,
  repeatable: true,
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.advertisementFrom(backup, loss);
    await expect.vipOn(backup, loss);
    await expect.announcementFrom(backup, loss);
    await expect.neighbourAt(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
