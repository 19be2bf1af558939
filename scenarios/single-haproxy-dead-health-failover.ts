import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';
import { AGENTS } from '../harness/system/agents.ts';

const HEARTBEATS = { heartbeat_interval: 1, heartbeat_timeout: 5, health_check_interval: 0.25 };

const NOTICED_AND_REPLACED = demands(
  'heartbeat_timeout from the last heartbeat that reports all listeners, a check, and as long as a new amphora takes to be built',
  ({ agent = 'own' }) => {
    const { heartbeat_interval, heartbeat_timeout, health_check_interval } = HEARTBEATS;
    return {
      min: (heartbeat_timeout - heartbeat_interval) * 1000,
      max: (heartbeat_timeout + health_check_interval) * 1000 + AGENTS[agent].replacementMaxMs,
    };
  },
);

export default scenario('single-haproxy-dead-health-failover', {
  title: "a SINGLE load balancer's HAProxy is dead while its agent lives: the health manager replaces it",
  group: 'loss of the master',
  story: `There is no backup to take over, and the agent keeps sending heartbeats. They report
no listener, so the health manager has the amphora replaced after heartbeat_timeout (5 s here, 60 s upstream).
Until then, and until a new amphora has been built, clients are refused.`,
  loadBalancer: { topology: 'SINGLE' },
  heartbeats: HEARTBEATS,
  model: NOTICED_AND_REPLACED,
  async run({ master, fault, expect }) {
    const stop = await fault.stopService('haproxy', master);
    await expect.replacedByItself(master, stop);
  },
});
