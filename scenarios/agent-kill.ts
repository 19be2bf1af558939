import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('agent-kill', {
  title: "the master's agent dies: the data plane does not depend on it",
  group: 'loss of the master',
  story: `The agent only takes the controller's commands; it is no part of the data plane.`,
  model: noOutage,
  async run({ master, fault, expect }) {
    const death = await fault.kill('agent', master);
    await expect.vipStays(death, { intervals: 4 });
    await expect.servedBy(master, death);
    await expect.noRequestLost(death);
  },
});
