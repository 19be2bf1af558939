import { checkTimesOut } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('haproxy-hang', {
  title: "the master's HAProxy hangs: the check script fails, and the master gives the VIP up",
  group: 'loss of the master',
  story: `SIGSTOP to HAProxy, with Octavia's default check interval. The kernel still accepts connections, but no
request is answered. Each check waits 5 s for the stats socket and two must fail, so that the outage is four times that
of a power loss: the failure that hurts clients most is one in which everything seems to run. keepalived from 2.3.3 on needs 5 s more: it
skips the check that is due while the first one still waits.
Measured: clients were without service for {outage}, while packets to the VIP were unanswered for {packetOutage}, the skew of the
backup: a monitor that pings the address sees only a twentieth of the outage.`,
  measured: { outage: [14_400, 15_400], packetOutage: 650 },
  model: checkTimesOut,
  async run({ master, backup, fault, expect }) {
    const hang = await fault.hang('haproxy', master);
    await expect.vipGoneFrom(master, hang);
    await expect.vipOn(backup, hang);
    await expect.servedBy(backup, hang);
  },
});
