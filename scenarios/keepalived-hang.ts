import { noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-hang', {
  title: "the master's keepalived hangs and goes on: two masters, then the higher priority rules again",
  group: 'loss of the master',
  story: `SIGSTOP to keepalived: HAProxy serves on, the VIP stays, and the backup takes over after silence. SIGCONT then
finds two masters. The old one has the higher priority and still believes to be master: its first advertisement
makes the backup step down. nopreempt does not prevent that, as it speaks of becoming master, not of being it.
Measured: no request was lost, either way.`,
  measured: { lost: 0 },
  model: noOutage,
  async run({ master, backup, fault, heal, expect }) {
    const hang = await fault.hang('keepalived', master);
    await expect.vipOn(backup, hang);
    await expect.neighbourAt(backup, hang);
    await expect.servedBy(backup, hang);
    const resumed = await heal.resume('keepalived', master);
    await expect.vipGoneFrom(backup, resumed);
    await expect.soleHolder(master, resumed);
    await expect.servedBy(master, resumed);
  },
});
