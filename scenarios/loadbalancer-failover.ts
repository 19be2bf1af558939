import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('loadbalancer-failover', {
  title: 'the controller replaces both amphorae, the backup first',
  group: 'change under load',
  story: `Octavia's load balancer failover: what an operator does to bring a new image in.
A surprise: nobody waits for a master-down interval. The old master's unicast peer is the old backup, so that the new backup
hears nobody and holds the VIP already when the old master goes. Measured: 0.76 s without service, packets unanswered for
77 ms.`,
  model: upTo('the new backup announces the VIP beside the old master, before that goes', 2500),
  async run({ master, backup, change, expect }) {
    const failover = await change.failoverLoadBalancer();
    await expect.replaced(master, failover);
    await expect.replaced(backup, failover);
  },
});
