import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const SECOND = { name: 'second', protocol: 'HTTP', protocol_port: 8081, default_pool: { name: 'pool1' } };

export default scenario('listener-change', {
  title: 'a listener is added and removed: the other one loses no request',
  group: 'change under load',
  story: `ListenersUpdate reloads HAProxy on both amphorae, then UpdateVIP opens the port in the security group; deleting
it closes both.`,
  model: noOutage,
  async run({ change, expect }) {
    const added = await change.loadBalancer({ listeners: [SECOND] });
    await expect.portAnswers(8081, true);
    const removed = await change.loadBalancer({});
    await expect.portAnswers(8081, false);
    await expect.vipStays(removed, { intervals: 1 });
    await expect.noRequestLost(added);
  },
});
