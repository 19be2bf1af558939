import { MEMBERS } from '../harness/lab/load-balancer.ts';
import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('member-change', {
  title: 'a member leaves and returns: no request is lost',
  group: 'change under load',
  story: `The old process ends its connections to the member that left; new ones go to the other.`,
  model: noOutage,
  async run({ master, change, expect }) {
    const [first] = MEMBERS;
    const left = await change.loadBalancer({ pool: { members: [first] } });
    await expect.vipStays(left, { intervals: 1 });
    const returned = await change.loadBalancer({});
    await expect.servedBy(master, returned);
    await expect.noRequestLost(left);
  },
});
