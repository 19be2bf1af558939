import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('nic-down', {
  title: "the master's own interface is taken down: its farewell has no way out",
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const down = await fault.interfaceDown(master);
    await expect.vipOn(backup, down);
    await expect.gratuitousArpFrom(backup, down);
    await expect.servedBy(backup, down);
  },
});
