import { farewell } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('downloads', {
  title: 'ten downloads stand still for good when the VIP moves',
  group: 'load and machine',
  story: `A download lives in the memory of one HAProxy, and its client says nothing of its own accord.
A surprise: unlike connections that ask something, none of them is reset. The old master has lost the address from which
it sent, the new one is sent nothing that it could refuse: each client waits until its own time-out, all ten of them.`,
  model: farewell,
  async run({ master, backup, traffic, fault, expect }) {
    using downloads = await traffic.downloads(10);
    await expect.downloadsAre('running', downloads);
    const stop = await fault.stopKeepalived(master);
    await expect.neighbourAt(backup, stop);
    await expect.servedBy(backup, stop);
    await expect.downloadsAre('standing still', downloads);
  },
});
