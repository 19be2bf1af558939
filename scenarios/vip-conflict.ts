import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const CLAIMED = demands(
  "a second and a half of the stranger's announcements, and up to the master's next refresh (garp_master_refresh in keepalived.conf(5))",
  ({ holder }) => ({
    min: 0,
    max: holder.garpRefreshMs + 1500,
  }),
);

export default scenario('vip-conflict', {
  title: 'a stranger claims the VIP: the next refresh of the master takes it back',
  group: 'network',
  story: `A host with the VIP as its address joins the network and announces it for a second and a half. The router believes the
last announcement; the stranger refuses connections. keepalived does not defend a claimed address: only the refresh helps.
Measured: {outage} without service, with a refresh every 2 s.`,
  measured: { outage: [1450, 1970] },
  parameters: { garp_refresh_interval: 2 },
  model: CLAIMED,
  async run({ master, mark, fault, expect }) {
    // Until then, the announcement that garp_master_delay repeats would help as well.
    await expect.vipStays(await mark('the announcement of garp_master_delay is awaited'), { intervals: 6 });
    const claimed = await fault.claimVip();
    const believed = await expect.strangerBelieved(claimed);
    await expect.neighbourAt(master, believed);
    await expect.servedBy(master, believed);
    await expect.vipStays(claimed, { intervals: 4 });
  },
});
