import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-kill', {
  title: 'keepalived dies and leaves the VIP behind: two holders, and the later announcement wins',
  model: noOutage,
  async run({ master, backup, fault, expect }) {
    const death = await fault.kill('keepalived', master);
    await expect.vipOn(backup, death);
    await expect.neighbourAt(backup, death);
    await expect.servedBy(backup, death);
  },
});
