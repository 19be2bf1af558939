import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('downloads', {
  title: 'ten downloads stand still for good when the VIP moves',
  group: 'load and machine',
  story: `A download is state in the memory of one HAProxy, and its client sends nothing.
A surprise: unlike connections with requests, none of them is reset. The old master has lost the address from which
it sent, and the new one receives nothing that it could refuse: each of the ten clients waits for its own time-out.
Over IPv6 they are cut: the kernel of the old master goes on sending from the address that it lost, and the new one answers the
client's acknowledgements with resets.`,
  model: farewell,
  async run({ master, backup, traffic, fault, expect }) {
    using downloads = await traffic.downloads(10);
    await expect.downloadsAre('running', downloads);
    const stop = await fault.stopKeepalived(master);
    await expect.neighbourAt(backup, stop);
    await expect.servedBy(backup, stop);
    await expect.downloadsAre('orphaned', downloads);
  },
});
