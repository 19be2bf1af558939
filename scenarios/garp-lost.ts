import { GARP_DELAY_MS } from '../harness/model/vrrp.ts';
import { silentMaster } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('garp-lost', {
  title:
    "the take-over's announcement is lost: the router keeps the dead master's address until the next one",
  model: (known) => {
    const takeOver = silentMaster(known);
    const next = Math.min(GARP_DELAY_MS, known.parameters.garp_refresh_interval * 1000);
    return { min: takeOver, max: takeOver + next };
  },
  async run({ master, backup, fault, heal, expect }) {
    const loss = await fault.powerOff(master);
    await fault.loseGratuitousArpFrom(backup);
    await expect.gratuitousArpFrom(backup, loss);
    const healed = await heal.loseNothing();
    await expect.neighbourAt(backup, healed);
    await expect.servedBy(backup, healed);
  },
});
