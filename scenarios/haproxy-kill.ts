import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

/** systemd's default RestartSec is 100 ms; HAProxy checks its configuration twice before it listens. */
const RESTART = demands(
  'as long as systemd takes to restart it: RestartSec, and two readings of the configuration',
  () => ({
    min: 100,
    max: 800,
  }),
);

export default scenario('haproxy-kill', {
  title: "the master's HAProxy dies: systemd restarts it, and the VIP stays",
  group: 'loss of the master',
  story: `Restart=always brings HAProxy back long before two checks of the check script have failed: no failover, a blip.
Measured: 0.49 s until the first request is answered, and not one packet unanswered.`,
  model: RESTART,
  async run({ master, fault, expect }) {
    const death = await fault.kill('haproxy', master);
    await expect.servedBy(master, death);
    await expect.vipStays(death, 4);
  },
});
