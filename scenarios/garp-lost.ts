import { unannounced } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('garp-lost', {
  title:
    "the take-over's announcement is lost: the router keeps the dead master's address until the next one",
  group: 'network',
  story: `The switch loses the announcements of the new master. It holds the VIP, but the router still sends to the old one:
clients wait for the next announcement, or until the router asks again.
A surprise: with a refresh every 5 s, garp_master_delay brings the service back, 5 s after the take-over. Measured: {outage} without
service, of which the take-over is 3.1 s.`,
  measured: { outage: 8100 },
  model: unannounced,
  async run({ master, backup, fault, heal, expect }) {
    const loss = await fault.powerOff(master);
    await fault.loseAnnouncementsOf(backup);
    await expect.announcementFrom(backup, loss);
    const healed = await heal.loseNothing();
    await expect.neighbourAt(backup, healed);
    await expect.servedBy(backup, healed);
  },
});
