import type { LabNode } from '../lab/lab.ts';
import { AMPHORA, units } from '../vocabulary/argument.ts';
import { done, type Hand } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

/** How long keepalived is watched. */
const WATCHED_S = 5;
/** Checks that are run to measure one: the kernel counts the time of children in hundredths of a second. */
const CHECKS = 50;
const TICKS_PER_S = 100;
/** The engine takes no quota below 1 ms in a period of 100 ms (docker-run(1), --cpu-quota). */
const SHARE_MIN = 0.01;

const feed = heal({
  name: 'feed',
  takes: [AMPHORA],
  says: (amphora) => `the limit on the processor time of ${amphora} is lifted`,
  act: ({ lab }, amphora) =>
    done('heal', 'machine fed', amphora.instance.name, 'no CFS quota', () => lab.limitCpu(amphora)),
});

const starve = fault({
  name: 'starve',
  takes: [AMPHORA, units('times')],
  says: (amphora, { times }) =>
    `${amphora} is limited to ${times} times the processor time that keepalived and its checks need`,
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
 * What keepalived and its checks need of one core here and now, as a share: what its VRRP process ran
 * (/proc/PID/schedstat), and what the check script takes by itself (proc_pid_stat(5), cutime and cstime), once every
 * interval.
 */
async function keepalivedNeed({ lab }: Hand, amphora: LabNode): Promise<number> {
  const script = [
    'pid=$(pgrep --newest --exact keepalived)',
    "file=$(tr '\\0' '\\n' < /proc/$pid/cmdline | sed -n '/^-f$/{n;p}')",
    `check=$(sed -n 's/^[[:space:]]*script[[:space:]]*//p' "$file" | head -n 1 | tr -d '"')`,
    `before=$(cut -d ' ' -f 1 /proc/$pid/schedstat); sleep ${WATCHED_S}; after=$(cut -d ' ' -f 1 /proc/$pid/schedstat)`,
    `for n in $(seq ${CHECKS}); do $check > /dev/null 2>&1 || true; done`,
    'read -r stat < /proc/$$/stat; set -- $stat; shift 15',
    'echo $((after - before)) $(($1 + $2))',
  ].join('\n');
  const [watched] = await lab.fabric.run({ argv: lab.inside(amphora, 'sh', '-ec', script) });
  const [ranNs = 0, ticks = 0] = (watched?.stdout ?? '').trim().split(' ').map(Number);
  const checkS = ticks / TICKS_PER_S / CHECKS;
  return ranNs / 1e9 / WATCHED_S + checkS / (lab.timing.checkIntervalMs / 1000);
}

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** A noisy neighbour on its host (CFS quota); what they need is measured before. */
    readonly starve: typeof starve;
  }
}
