import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('port-flap', {
  title: "the master's switch port flaps three times within a moment: as long an outage as a power loss",
  group: 'network',
  story: `keepalived gives the VIP up at the first loss of carrier and returns as a backup: a link that is down
for 50 ms costs a whole master-down interval, as the backup heard the last advertisement before that.
A surprise: three flaps within a moment cost as much as a power loss. Measured: {outage} without service.`,
  measured: { outage: 3100 },
  oneCable: true,
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const flap = await fault.flapPort(master, { times: 3 });
    await expect.vipGoneFrom(master, flap);
    await expect.vipOn(backup, flap);
    await expect.soleHolder(backup, flap);
    await expect.servedBy(backup, flap);
  },
});
