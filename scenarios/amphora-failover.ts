import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('amphora-failover', {
  title: 'the controller replaces the master: the survivor serves meanwhile',
  group: 'change under load',
  story: `Octavia's amphora failover: a new amphora is built and plugged, the survivor is told of it, the old one deleted.`,
  model: upTo('the master is deleted without a farewell: a master-down interval at most', 4000),
  async run({ master, backup, change, expect }) {
    const failover = await change.failoverAmphora(master);
    await expect.replaced(master, failover);
    await expect.servedBy(backup, failover);
  },
});
