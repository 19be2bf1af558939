import { demands } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

const ALONE = demands('as long as the wire is cut, here three seconds', ({ lastsMs = 3000 }) => ({
  min: lastsMs - 100,
  max: lastsMs + 1500,
}));

export default scenario('single-topology', {
  title: 'a SINGLE load balancer loses its wire: nothing takes over',
  group: 'variants',
  story: `One amphora and no VRRP: the outage lasts as long as the fault.
Measured: {outage}, of which 3 s are the fault's.`,
  measured: { outage: 3300 },
  loadBalancer: { topology: 'SINGLE' },
  model: ALONE,
  async run({ master, fault, heal, expect }) {
    const cut = await fault.cutPort(master);
    await expect.unserved(cut, { seconds: 3 });
    const raised = await heal.raisePort(master);
    await expect.servedBy(master, raised);
  },
});
