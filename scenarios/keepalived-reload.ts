import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-reload', {
  title: "the master's keepalived reads its configuration again: the VIP does not move",
  group: 'change under load',
  story: `SIGHUP: keepalived keeps its state over a reload.`,
  model: noOutage,
  async run({ master, change, expect }) {
    const reload = await change.reloadKeepalived(master);
    await expect.vipStays(reload, { intervals: 4 });
    await expect.servedBy(master, reload);
    await expect.noRequestLost(reload);
  },
});
