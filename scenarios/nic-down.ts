import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('nic-down', {
  title: "the master's own interface is taken down: its farewell has no way out",
  group: 'network',
  story: `keepalived sees the interface go down and enters FAULT, but its farewell cannot leave: the backup waits for silence.
Measured: {outage} without service, as after a power loss; with a farewell it would be the skew, 0.65 s.`,
  measured: { outage: 3150 },
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const down = await fault.interfaceDown(master);
    await expect.vipOn(backup, down);
    await expect.announcementFrom(backup, down);
    await expect.servedBy(backup, down);
  },
});
