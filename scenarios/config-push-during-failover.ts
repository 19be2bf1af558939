import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const SECOND = { name: 'second', protocol: 'HTTP', protocol_port: 8081, default_pool: { name: 'pool1' } };

export default scenario('config-push-during-failover', {
  title: 'a change is pushed while the VIP moves and an agent dies: it arrives on both',
  group: 'change under load',
  story: `keepalived of the master stops, its agent dies, and the controller uploads a new listener meanwhile: it asks
again until the agent is back, and both amphorae end with it.
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
