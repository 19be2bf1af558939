import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

/** An amphora's HAProxy goes first when it is deleted, its interface last. */
const STOP_MS = 2500;

export default scenario('loadbalancer-failover', {
  title: 'the controller replaces both amphorae, the backup first',
  group: 'change under load',
  story: `Octavia's load balancer failover, as an operator uses it to install a new image.
A surprise: there is no wait for a master-down interval. The old master's unicast peer is the old backup, so that the new
backup hears no master, and holds the VIP already when the old master leaves. Another surprise: clients follow the last
announcement. The old master answers the unknown advertisement with announcements; once it has gone, clients are cut off
until the new backup announces again. Measured: {outage} without service, the longer,
the later the old master announced last.`,
  measured: { outage: [760, 5000] },
  model: demands(
    'the old master stops while the new backup holds the VIP already: at the latest its refresh tells the router so',
    ({ other }) => ({ min: 0, max: STOP_MS + other.garpRefreshMs }),
  ),
  async run({ master, backup, change, expect }) {
    const failover = await change.failoverLoadBalancer();
    await expect.replaced(master, failover);
    await expect.replaced(backup, failover);
  },
});
