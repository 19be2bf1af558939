import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const MONITOR = { type: 'HTTP', delay: 1, timeout: 1, max_retries: 2, max_retries_down: 2 };

export default scenario('pool-change', {
  title: 'a pool gets another algorithm and a health monitor: no request is lost',
  group: 'change under load',
  story: `Members count as up when a monitor is new, so that none is taken out before its first check.`,
  model: noOutage,
  async run({ master, change, expect }) {
    const changed = await change.loadBalancer({
      pool: { lb_algorithm: 'LEAST_CONNECTIONS', healthmonitor: MONITOR },
    });
    await expect.vipStays(changed, { intervals: 3 });
    await expect.servedBy(master, changed);
    await expect.noRequestLost(changed);
  },
});
