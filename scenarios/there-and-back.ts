import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('there-and-back', {
  title: 'the VIP goes to the backup and comes back, by two farewells',
  group: 'return',
  story: `A planned move in both directions, as an operator makes it for an upgrade: each way costs the skew of the one that
takes over.`,
  oldMaster: 'stays backup',
  model: farewell,
  judgedBy: 'all',
  async run({ master, backup, fault, heal, expect }) {
    const there = await fault.stopKeepalived(master);
    await expect.vipOn(backup, there);
    const started = await heal.startKeepalived(master);
    await expect.vipStays(started, { intervals: 4 });
    const back = await fault.stopKeepalived(backup);
    await expect.vipOn(master, back);
    await expect.neighbourAt(master, back);
    await expect.servedBy(master, back);
  },
});
