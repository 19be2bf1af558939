import type { LabAmphora } from '../lab/lab.ts';
import { AMPHORA, units } from '../vocabulary/argument.ts';
import { done, type Hand } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

/** So long keepalived is watched: several checks, at any interval that a scenario has. */
const NEED_WINDOW_S = 5;
/** With less, systemd and the agent alone keep an amphora busy. */
const SHARE_MIN = 0.05;

const feed = heal({
  name: 'feed',
  takes: [AMPHORA],
  says: (amphora) => `${amphora} gets all the processor time that it asks for again`,
  act: ({ lab }, amphora) =>
    done('heal', 'machine fed', amphora.instance.name, 'no CFS quota', () => lab.limitCpu(amphora)),
});

const starve = fault({
  name: 'starve',
  takes: [AMPHORA, units('times')],
  says: (amphora, { times }) =>
    `${amphora} gets ${times} times the processor time that keepalived and its checks need, and no more`,
  async act(hand, amphora, { times }) {
    const need = await keepalivedNeed(hand, amphora);
    await hand.instant();
    const share = Math.max(SHARE_MIN, times * need);
    const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
    const detail = `${percent(share)} of one core, of which keepalived and its checks need ${percent(need)}`;
    const entry = await done('fault', 'machine starved', amphora.instance.name, detail, () =>
      hand.lab.limitCpu(amphora, share),
    );
    return { ...entry, stalls: true };
  },
  heal: feed,
});
export default starve;

/**
 * What keepalived and its checks take of one core here and now, as a share: the processor time of its VRRP process and
 * of the children that it has waited for (proc_pid_stat(5), fields 14 to 17).
 */
async function keepalivedNeed({ lab }: Hand, amphora: LabAmphora): Promise<number> {
  const used = `awk '{ print $14 + $15 + $16 + $17 }' /proc/$(pgrep --newest --exact keepalived)/stat`;
  const watch = `before=$(${used}); sleep ${NEED_WINDOW_S}; after=$(${used}); echo $((after - before)) $(getconf CLK_TCK)`;
  const [watched] = await lab.fabric.run({ argv: lab.inside(amphora, 'sh', '-ec', watch) });
  const [ticks = 0, ticksPerSecond = 100] = (watched?.stdout ?? '').trim().split(' ').map(Number);
  return ticks / ticksPerSecond / NEED_WINDOW_S;
}

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** A noisy neighbour on its host (CFS quota); what they need is measured before. */
    readonly starve: typeof starve;
  }
}
