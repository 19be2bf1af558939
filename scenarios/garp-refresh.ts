import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('garp-refresh', {
  title: 'the master repeats its announcement as its configuration says',
  group: 'network',
  story: `In the steady state keepalived announces the VIP again every garp_master_refresh seconds, garp_master_refresh_repeat
times. That repairs a lost announcement at the take-over. The first six seconds are left out: garp_master_delay
repeats an announcement in them.`,
  parameters: { garp_refresh_interval: 2, garp_refresh_count: 3 },
  model: noOutage,
  async run({ master, mark, expect }) {
    const quiet = await mark('the pair is left alone');
    await expect.vipStays(quiet, { intervals: 6 });
    const settled = await mark('the refreshes are counted');
    await expect.announcementsRepeated(master, settled);
  },
});
