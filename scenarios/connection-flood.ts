import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const FLOODED = demands(
  'as long as the flood lasts, here two advertisement intervals',
  ({ holder: { advertIntMs }, lastsMs = 2 * advertIntMs }) => ({ min: 0, max: lastsMs + 2500 }),
);

export default scenario('connection-flood', {
  title: 'connections up to the limit of the listener: new clients wait, the VIP stays',
  group: 'load and machine',
  story: `A hundred idle connections fill connection_limit. HAProxy accepts no more, and its stats socket still answers:
the check script notices nothing, and a failover would not help.`,
  loadBalancer: { listener: { connection_limit: 100 } },
  model: FLOODED,
  async run({ master, traffic, mark, expect }) {
    const flood = await mark('connections flood in');
    {
      await using _idle = await traffic.idleConnections(100);
      await expect.vipStays(flood, { intervals: 2 });
    }
    const over = await mark('the flood ends');
    await expect.servedBy(master, over);
  },
});
