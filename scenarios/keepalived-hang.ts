import { masterSilentlyGone, noOutage } from '../harness/scenario/models.ts';
import { scenario } from '../harness/scenario/scenario.ts';

export default scenario('keepalived-hang', {
  title: "the master's keepalived hangs and continues: two masters, then the higher priority wins",
  group: 'loss of the master',
  story: `SIGSTOP to keepalived: HAProxy still serves, the VIP stays, and the backup takes over after silence. After SIGCONT
there are two masters. The old one has the higher priority and is still in state MASTER: its first advertisement
makes the backup step down. nopreempt does not prevent that, as it only keeps a backup from becoming master.
Measured: no request was lost in either direction.`,
  measured: { lost: 0 },
  oldMasterAnswers: true,
  model: noOutage,
  aftermath: masterSilentlyGone,
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
