import { demands, silentMaster, upTo } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const MONITOR = { type: 'TCP', delay: 1, timeout: 1, max_retries: 2, max_retries_down: 2 };
const WITH_MEMBER = demands(
  'a power loss, and at most the time until the monitor has noticed the member',
  (known) => {
    const silence = Number(silentMaster(known));
    return { min: silence, max: silence + 200 };
  },
);

export default scenario('member-down-during-failover', {
  title: 'a member dies while the VIP moves: the new master serves from the other',
  group: 'change under load',
  story: `The backup's HAProxy checks the members itself, and does not depend on the old master to notice a dead one.`,
  loadBalancer: { pool: { healthmonitor: MONITOR } },
  model: WITH_MEMBER,
  aftermath: upTo('every other request may fail until the monitor has noticed the member', 200),
  async run({ master, backup, fault, expect }) {
    const loss = await fault.powerOff(master);
    await fault.loseMember('backend-1');
    await expect.vipOn(backup, loss);
    await expect.servedBy(backup, loss);
  },
});
