import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('health-manager-failover', {
  title: 'the health manager replaces a silent amphora',
  group: 'change under load',
  story: `The master loses power. Its backup serves after a master-down interval; meanwhile its heartbeats are missing, and
after heartbeat_timeout (5 s here, 60 s upstream) the health manager has the controller replace it, without an operator.`,
  heartbeats: { heartbeat_interval: 1, heartbeat_timeout: 5, health_check_interval: 0.25 },
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await expect.servedBy(backup, loss);
    await expect.replacedByItself(master, loss);
  },
});
