import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('agent-kill', {
  title: "the master's agent dies: nothing that serves depends on it",
  group: 'loss of the master',
  story: `The agent is the controller's hand in the amphora, and no part of the data plane.`,
  model: noOutage,
  async run({ master, fault, expect }) {
    const death = await fault.kill('agent', master);
    await expect.vipStays(death, { intervals: 4 });
    await expect.servedBy(master, death);
    await expect.noRequestLost(death);
  },
});
