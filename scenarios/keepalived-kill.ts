import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-kill', {
  title: 'keepalived dies and leaves the VIP behind: two holders, and the later announcement wins',
  group: 'loss of the master',
  story: `keepalived is killed; its unit has no Restart=, so it stays dead, and the VIP stays on the interface of an
amphora that no longer speaks VRRP. The backup takes over after silence, and the router follows its announcement.
Clients notice nothing, as the old master's HAProxy serves until then. Both hold the VIP from then on.
Measured: no request was lost, and no packet; the harm comes later, when one of the two holders changes.`,
  measured: { lost: 0, packetOutage: 0 },
  oldMasterAnswers: true,
  model: noOutage,
  async run({ master, backup, fault, expect }) {
    const death = await fault.kill('keepalived', master);
    await expect.vipOn(backup, death);
    await expect.neighbourAt(backup, death);
    await expect.servedBy(backup, death);
  },
});
