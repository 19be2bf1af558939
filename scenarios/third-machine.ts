import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('third-machine', {
  title: 'the master loses power, then its successor: the third machine serves',
  group: 'loss of the master',
  story: `Three machines or more share the VIP. The election is held anew each time: after the second loss, the machine with
the highest priority of those that are left takes over.`,
  machines: 'three or more',
  model: silentMaster,
  judgedBy: 'all',
  async run({ master, backup, third, fault, expect }) {
    const first = await fault.powerOff(master);
    await expect.vipOn(backup, first);
    await expect.servedBy(backup, first);
    const second = await fault.powerOff(backup);
    await expect.vipOn(third, second);
    await expect.servedBy(third, second);
  },
});
