import { atLeast } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('haproxy-kill', {
  title: "the master's HAProxy dies: systemd restarts it, and the VIP stays",
  group: 'loss of the master',
  story: `Restart=always brings HAProxy back long before two checks of the check script have failed: no failover, and a short outage.
Measured: {outage} until the first request is answered, and not one packet unanswered.`,
  measured: { outage: [170, 401], packetOutage: 0 },
  model: atLeast(
    'systemd waits RestartSec, 100 ms by default (systemd.service(5)); how long HAProxy then takes is measured and compared',
    100,
  ),
  async run({ master, fault, expect }) {
    const death = await fault.kill('haproxy', master);
    await expect.servedBy(master, death);
    await expect.vipStays(death, { intervals: 4 });
  },
});
