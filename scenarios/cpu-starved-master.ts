import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('cpu-starved-master', {
  title: 'the master gets little processor time: it is slow, and stays the master',
  group: 'load and machine',
  story: `A noisy neighbour on the host. The master gets eight times the processor time that its keepalived and its checks
needed just before: the VIP stays. HAProxy answers the checks too and shares that time, so that requests are late or lost.`,
  parameters: { check_interval: 1 },
  model: upTo('requests are lost as HAProxy is starved; the VIP stays', 3000),
  async run({ master, fault, heal, expect }) {
    const starved = await fault.starve(master, { times: 8 });
    await expect.vipStays(starved, { intervals: 4 });
    await heal.feed(master);
  },
});
