import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('delayed-network', {
  title: 'every frame of the master takes 300 ms: no take-over, slow requests',
  group: 'variants',
  story: `Delay is no loss: every advertisement comes later by the same time, and the backup stays a backup. Needs the
kernel's netem queue.`,
  model: upTo('requests take longer than the prober waits', 6000),
  async run({ master, fault, heal, expect }) {
    const delayed = await fault.delay(master, { ms: 300 });
    await expect.vipStays(delayed, { intervals: 4 });
    await heal.undelay(master);
  },
});
