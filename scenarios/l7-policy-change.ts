import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const PRIVATE = {
  action: 'REJECT',
  position: 1,
  rules: [{ type: 'PATH', compare_type: 'STARTS_WITH', value: '/private' }],
};

export default scenario('l7-policy-change', {
  title: 'an L7 policy is added and removed: other requests are not lost',
  group: 'change under load',
  story: `Requests for /private are refused while the policy exists; the prober asks for /.`,
  model: noOutage,
  async run({ master, change, expect }) {
    const added = await change.loadBalancer({ listener: { l7policies: [PRIVATE] } });
    await expect.servedBy(master, added);
    const removed = await change.loadBalancer({});
    await expect.vipStays(removed, { intervals: 1 });
    await expect.noRequestLost(added);
  },
});
