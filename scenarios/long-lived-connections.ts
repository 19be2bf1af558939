import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('long-lived-connections', {
  title: 'twenty open connections are cut by the failover, and by nothing else',
  group: 'load and machine',
  story: `A connection is state in the memory of one HAProxy. The new master answers its next packet with a reset:
clients of long-lived connections notice every failover, however short.`,
  model: farewell,
  async run({ master, backup, traffic, fault, expect }) {
    await using connections = await traffic.connections(20);
    await expect.connectionsCut(connections, { least: 0, most: 0 });
    const stop = await fault.stopKeepalived(master);
    await expect.neighbourAt(backup, stop);
    await expect.servedBy(backup, stop);
    await expect.connectionsCut(connections, { least: 20, most: 20 });
  },
});
