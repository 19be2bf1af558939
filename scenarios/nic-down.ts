import { silentMasterMs } from '../harness/model/vrrp.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('nic-down', {
  title: "the master's own interface is taken down: its farewell has no way out",
  model: ({ advertIntMs, backupPriority, phaseMs }) =>
    silentMasterMs({ version: 2, advertIntMs, priority: backupPriority, phaseMs }),
  async run({ master, backup, fault, expect }) {
    const down = await fault.interfaceDown(master);
    await expect.vipOn(backup, down);
    await expect.gratuitousArpFrom(backup, down);
    await expect.servedBy(backup, down);
  },
});
