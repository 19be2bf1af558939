import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-instance-kill', {
  title: 'the master dies while its wire lives',
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const death = await fault.killInstance(master);
    await expect.advertisementFrom(backup, death);
    await expect.vipOn(backup, death);
    await expect.gratuitousArpFrom(backup, death);
    await expect.neighbourAt(backup, death);
    await expect.servedBy(backup, death);
  },
});
