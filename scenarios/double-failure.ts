import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const BOTH = demands(
  'from the second loss to the return, one to two seconds here, and then a master-down interval',
  ({ holder: { advertIntMs } }) => ({ min: 1000 + 3 * advertIntMs, max: 2000 + 4 * advertIntMs }),
);

export default scenario('double-failure', {
  title: 'both amphorae lose their wire, then one returns: it serves alone',
  group: 'return',
  story: `Neither serves while both are cut off. The one that returns must wait a whole master-down interval, as it cannot
know that it is alone.
Measured: {outage}, of which 3.6 s are the master-down interval of the one that returns.`,
  measured: { outage: [4970, 5050] },
  machines: 'two',
  judgedBy: 'last',
  model: BOTH,
  async run({ master, backup, fault, heal, expect }) {
    // The other way round a quick backup would take over in between.
    await fault.cutPort(backup);
    const last = await fault.cutPort(master);
    await expect.vipGoneFrom(master, last);
    await expect.unserved(last, { seconds: 1 });
    const raised = await heal.raisePort(backup);
    await expect.vipOn(backup, raised);
    await expect.soleHolder(backup, raised);
    await expect.servedBy(backup, raised);
  },
});
