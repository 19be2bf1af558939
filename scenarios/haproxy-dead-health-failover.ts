import { checkRefused } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('haproxy-dead-health-failover', {
  title:
    "the master's HAProxy is dead while its agent lives: the backup serves, and the health manager replaces the master",
  group: 'loss of the master',
  story: `HAProxy is stopped behind the agent's back. The check script fails, and the backup takes over. The agent keeps sending
heartbeats, but they report no listener. Such heartbeats do not count: after heartbeat_timeout (5 s here, 60 s
upstream) the health manager has the controller replace the amphora, although it was never silent.`,
  parameters: { check_interval: 1 },
  heartbeats: { heartbeat_interval: 1, heartbeat_timeout: 5, health_check_interval: 0.25 },
  model: checkRefused,
  async run({ master, backup, fault, expect }) {
    const stop = await fault.stopService('haproxy', master);
    await expect.vipGoneFrom(master, stop);
    await expect.servedBy(backup, stop);
    await expect.replacedByItself(master, stop);
  },
});
