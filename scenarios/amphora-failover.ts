import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('amphora-failover', {
  title: 'the controller replaces the master',
  group: 'change under load',
  story: `Octavia's amphora failover: a new amphora is built and plugged, the survivor learns its address, the old one is deleted.
A surprise: the survivor does not always take over. The replacement has the master's priority, and so a skew that is
39 ms shorter (RFC 3768, section 6.1): once its keepalived runs, it wins.`,
  model: upTo('the master is deleted without a farewell: a master-down interval at most', 4000),
  async run({ master, change, expect }) {
    const failover = await change.failoverAmphora(master);
    await expect.replaced(master, failover);
  },
});
