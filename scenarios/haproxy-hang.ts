import { checkScriptMs, skewMs } from '../harness/model/vrrp.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('haproxy-hang', {
  title: "the master's HAProxy hangs: the check script fails, and the master gives the VIP up",
  model: ({ advertIntMs, backupPriority, parameters }) => {
    const check = checkScriptMs(parameters.check_interval * 1000, parameters.fail_count);
    const skew = skewMs(parameters.vrrp_version, advertIntMs, backupPriority);
    return { min: check.min + skew, max: check.max + skew };
  },
  async run({ master, backup, fault, expect }) {
    const hang = await fault.hang('haproxy', master);
    await expect.vipGoneFrom(master, hang);
    await expect.vipOn(backup, hang);
    await expect.servedBy(backup, hang);
  },
});
