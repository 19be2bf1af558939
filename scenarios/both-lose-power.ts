import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('both-lose-power', {
  title: 'both amphorae lose power: nobody serves, and no figure says when',
  group: 'loss of the master',
  story: `A pair has no third. Once both are gone, the service does not return by itself: the outage is at least as long as
somebody looked, and not over.`,
  model: silentMaster,
  ends: 'unserved',
  async run({ master, backup, fault, expect }) {
    const first = await fault.powerOff(master);
    await fault.powerOff(backup);
    await expect.unserved(first, { seconds: 4 });
  },
});
