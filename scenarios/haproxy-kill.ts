import { scenario } from '../harness/scenario/scenario.ts';

/** systemd's default RestartSec is 100 ms; HAProxy checks its configuration twice before it listens. */
const RESTART_MS = { min: 100, max: 800 };

export default scenario('haproxy-kill', {
  title: "the master's HAProxy dies: systemd restarts it, and the VIP stays",
  model: () => RESTART_MS,
  async run({ master, fault, expect }) {
    const death = await fault.kill('haproxy', master);
    await expect.servedBy(master, death);
    await expect.vipStays(death, 4);
  },
});
