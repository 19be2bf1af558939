import { checkRefused } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('haproxy-stop', {
  title: "systemd stops the master's HAProxy: checks are refused, and the master gives the VIP up",
  group: 'loss of the master',
  story: `HAProxy is stopped behind the agent's back, so that the check script still asks for it and is refused at once.`,
  parameters: { check_interval: 1 },
  model: checkRefused,
  async run({ master, backup, fault, expect }) {
    const stop = await fault.stopService('haproxy', master);
    await expect.vipGoneFrom(master, stop);
    await expect.vipOn(backup, stop);
    await expect.servedBy(backup, stop);
  },
});
