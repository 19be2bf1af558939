import { upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('cpu-starved-master', {
  title: 'the master gets little processor time, and stays the master',
  group: 'load and machine',
  story: `A noisy neighbour on the host. The master gets four times the processor time that its keepalived, its checks and its
HAProxy needed just before. That is enough: the VIP stays, and no client notices; twice is enough too.
HAProxy suffers first: with just what they had needed, a tenth of the requests were lost, and the VIP stayed.`,
  parameters: { check_interval: 1 },
  model: upTo('HAProxy shares with the checks: single requests may be lost; the VIP stays', 500),
  async run({ master, fault, heal, expect }) {
    const starved = await fault.starve(master, { times: 4 });
    await expect.vipStays(starved, { intervals: 4 });
    await expect.fewRequestsLost(starved, { most: 40 });
    await heal.feed(master);
  },
});
