import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const SECOND = { name: 'second', protocol: 'HTTP', protocol_port: 8081, default_pool: { name: 'pool1' } };

export default scenario('config-push-during-failover', {
  title: 'a change is pushed while the VIP moves and an agent dies: it arrives on both',
  group: 'change under load',
  story: `The master's keepalived stops and its agent dies while the controller uploads a new listener. The controller
repeats its requests until the agent is back, and both amphorae get the listener.
Measured: {outage} without service; the change arrives on both.`,
  measured: { outage: 657 },
  model: farewell,
  async run({ master, backup, fault, change, expect }) {
    const stop = await fault.stopKeepalived(master);
    await fault.kill('agent', master);
    const pushed = await change.loadBalancer({ listeners: [SECOND] });
    await expect.vipOn(backup, stop);
    await expect.portAnswers(8081, true);
    await expect.servedBy(backup, pushed);
  },
});
