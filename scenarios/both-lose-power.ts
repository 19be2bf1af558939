import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('both-lose-power', {
  title: 'both amphorae lose power: the service does not return',
  group: 'loss of the master',
  story: `There is no third amphora. The service does not return by itself: the outage is at least as long as the observation,
and not over.`,
  machines: 'two',
  model: silentMaster,
  ends: 'unserved',
  judgedBy: 'last',
  async run({ master, backup, fault, expect }) {
    // The other way round a quick backup would take over in between.
    await fault.powerOff(backup);
    const last = await fault.powerOff(master);
    await expect.unserved(last, { seconds: 4 });
  },
});
