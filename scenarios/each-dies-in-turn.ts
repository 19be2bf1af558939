import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('each-dies-in-turn', {
  title: 'the master dies and returns, then the new master dies: the old one takes over again',
  group: 'return',
  story: `A classic double failure. The master loses power and the backup takes over; the old master boots again and stays
a backup, as nopreempt says; then the new master loses power. The amphora that booted must do all that it did
before: hear the new master, notice its loss, and serve.`,
  oldMaster: 'stays backup',
  model: silentMaster,
  judgedBy: 'all',
  async run({ master, backup, fault, heal, expect }) {
    const first = await fault.powerOff(master);
    await expect.vipOn(backup, first);
    await expect.servedBy(backup, first);
    const back = await heal.boot(master);
    await expect.vipStays(back, { intervals: 4 });
    await expect.soleHolder(backup, back);
    const second = await fault.powerOff(backup);
    await expect.vipOn(master, second);
    await expect.announcementFrom(master, second);
    await expect.neighbourAt(master, second);
    await expect.servedBy(master, second);
  },
});
