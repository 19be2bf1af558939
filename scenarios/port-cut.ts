import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('port-cut', {
  title: "the master's switch port goes down",
  group: 'network',
  story: `The amphora loses its carrier: keepalived enters FAULT and gives the VIP up, the backup waits for silence.`,
  oneCable: true,
  model: silentMaster,
  async run({ master, backup, fault, expect }) {
    const cut = await fault.cutPort(master);
    await expect.vipGoneFrom(master, cut);
    await expect.vipOn(backup, cut);
    await expect.announcementFrom(backup, cut);
    await expect.servedBy(backup, cut);
  },
});
