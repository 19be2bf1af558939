import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';
import { AGENTS } from '../harness/system/agents.ts';

/** The old amphora has gone, and the new one gets its NICs. */
const PLUGGED_MS = 2500;

export default scenario('single-failover', {
  title: 'the controller replaces the only amphora of a SINGLE load balancer',
  group: 'change under load',
  story: `Octavia's load balancer failover: a new amphora is built, the old one deleted, the new one given the listeners.
There is no keepalived to announce the VIP: the agent announces it once HAProxy has been started (upstream's
send_vip_advertisements). Measured: {outage} without service. Without the announcement, clients would wait until the router asks
for the MAC of the VIP again: half a minute.`,
  measured: { outage: [181, 774] },
  loadBalancer: { topology: 'SINGLE' },
  model: demands(
    'from the end of the old amphora until the new HAProxy listens, and the agent has announced the VIP',
    ({ agent = 'own' }) => ({ min: 0, max: PLUGGED_MS + AGENTS[agent].serviceMaxMs }),
  ),
  async run({ master, change, expect }) {
    const failover = await change.failoverLoadBalancer();
    await expect.replaced(master, failover);
  },
});
