import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('rolling-failovers', {
  title: 'ten failovers in a row: each as quick as the first',
  group: 'load and machine',
  story: `keepalived of the VIP's holder is stopped and started again, ten times: each outage is judged.`,
  // One that takes the VIP back moves it by itself in between.
  oldMaster: 'stays backup',
  model: farewell,
  judgedBy: 'all',
  async run({ master, backup, fault, heal, expect }) {
    for (let n = 0; n < 5; n++) {
      for (const [from, to] of [
        [master, backup],
        [backup, master],
      ] as const) {
        const stop = await fault.stopKeepalived(from);
        await expect.vipOn(to, stop);
        await expect.servedBy(to, stop);
        const started = await heal.startKeepalived(from);
        await expect.advertisementFrom(to, started);
      }
    }
  },
});
