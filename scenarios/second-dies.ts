import { silentMaster, upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('second-dies', {
  title: 'of three machines the master dies, and then the one that took over: the third serves',
  group: 'loss of the master',
  story: `The master loses power and the second machine takes over; then that one loses power as well. The third hears
neither, and its priority is the lowest: its skew is the longest.`,
  machines: 3,
  model: silentMaster,
  aftermath: upTo('the third waits for its master-down interval, of an advertisement every second', 4000),
  async run({ master, backup, third, fault, expect }) {
    const first = await fault.powerOff(master);
    await expect.vipOn(backup, first);
    await expect.servedBy(backup, first);
    const second = await fault.powerOff(backup);
    await expect.vipOn(third, second);
    await expect.announcementFrom(third, second);
    await expect.servedBy(third, second);
  },
});
