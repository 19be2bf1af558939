import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('haproxy-reload', {
  title: "the master's HAProxy reads its configuration again: no request is lost",
  group: 'change under load',
  story: `SIGUSR2: a new process takes the sockets over from the old one, which ends when its connections do.`,
  model: noOutage,
  async run({ master, change, expect }) {
    const reload = await change.reloadHaproxy(master);
    await expect.vipStays(reload, { intervals: 2 });
    await expect.servedBy(master, reload);
    await expect.noRequestLost(reload);
  },
});
