import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('nic-down', {
  title: "the master's own interface is taken down: its farewell has no way out",
  group: 'network',
  story: `keepalived sees the interface go and enters FAULT, but what it would say cannot leave: the backup waits for silence.
Measured: {outage} without service, as after a power loss; a farewell would have made it the skew, 0.65 s.`,
  measured: { outage: 3150 },
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const down = await fault.interfaceDown(master);
    await expect.vipOn(backup, down);
    await expect.announcementFrom(backup, down);
    await expect.servedBy(backup, down);
  },
});
