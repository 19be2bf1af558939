import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('loadbalancer-failover', {
  title: 'the controller replaces both amphorae, the backup first',
  group: 'change under load',
  story: `Octavia's load balancer failover: what an operator does to bring a new image in.`,
  model: upTo('one move of the VIP: a master-down interval at most', 4000),
  async run({ master, backup, change, expect }) {
    const failover = await change.failoverLoadBalancer();
    await expect.replaced(master, failover);
    await expect.replaced(backup, failover);
  },
});
