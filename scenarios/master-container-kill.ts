import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('master-container-kill', {
  title: 'the master dies, and its switch port stays up',
  group: 'loss of the master',
  story: `Process 1 of the master is killed and its port stays up. Its kernel outlives its processes for a moment and
answers clients with resets; keepalived has no time for a farewell.
A surprise: packets to the VIP are answered throughout, by the kernel of a namespace that outlives its processes; only TCP
shows the failure. Measured: {outage} without service, no packet unanswered.`,
  measured: { outage: 3100, packetOutage: 0 },
  oldMasterAnswers: true,
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const death = await fault.killInstance(master);
    await expect.advertisementFrom(backup, death);
    await expect.vipOn(backup, death);
    await expect.announcementFrom(backup, death);
    await expect.neighbourAt(backup, death);
    await expect.servedBy(backup, death);
  },
});
