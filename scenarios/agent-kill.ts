import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('agent-kill', {
  title: "the master's agent dies: nothing that serves depends on it",
  model: noOutage,
  async run({ master, fault, expect }) {
    const death = await fault.kill('agent', master);
    await expect.vipStays(death, 4);
    await expect.servedBy(master, death);
  },
});
