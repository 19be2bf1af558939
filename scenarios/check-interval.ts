import { checkRefused } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('check-interval', {
  title: 'a check every two seconds, three failures: they delay the failover after HAProxy stops',
  group: 'variants',
  story: `vrrp_check_interval and vrrp_fail_count decide how long an amphora keeps the VIP after its HAProxy has stopped.`,
  parameters: { check_interval: 2, fail_count: 3 },
  model: checkRefused,
  async run({ master, backup, fault, expect }) {
    const stop = await fault.stopService('haproxy', master);
    await expect.vipGoneFrom(master, stop);
    await expect.vipOn(backup, stop);
    await expect.servedBy(backup, stop);
  },
});
