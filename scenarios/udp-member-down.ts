import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const MONITOR = { type: 'UDP-CONNECT', delay: 3, timeout: 1, max_retries: 1, max_retries_down: 2 };
/** Each check asks twice, a second apart, and waits. */
const CHECK_MAX_MS = 3000;

const TAKEN_OUT = demands(
  'every other datagram is lost until the monitor has failed as often as its setting says and the kernel takes the member out',
  () => ({ min: 0, max: (MONITOR.max_retries_down + 1) * (MONITOR.delay * 1000 + CHECK_MAX_MS) }),
);

export default scenario('udp-member-down', {
  title: 'a member of a UDP pool dies: datagrams go to the other once the monitor has noticed',
  group: 'change under load',
  story: `A lost datagram causes no error: the client waits, and keepalived notices only by its checks. Once they have failed,
it takes the member out of the kernel's table, and expire_nodest_conn ends the connections to it.`,
  loadBalancer: { listener: { protocol: 'UDP' }, pool: { protocol: 'UDP', healthmonitor: MONITOR } },
  model: TAKEN_OUT,
  async run({ master, fault, expect }) {
    const loss = await fault.loseMember('backend-1');
    await expect.vipStays(loss, { intervals: 3 });
    await expect.servedBy(master, loss);
  },
});
