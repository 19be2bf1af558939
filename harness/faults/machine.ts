import type { StepRunner } from '../fabric/fabric.ts';
import { inAmphora } from '../lab/enter.ts';
import type { Lab, LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { done, stalled, struck } from './fault.ts';

/**
 * An amphora is paused as a virtual machine is: everything in it stops between two instructions (the cgroup freezer), and
 * its wire falls silent with its carrier up. The kernel below a container would still answer pings and handshakes, so that
 * its port in the switch forwards nothing meanwhile (bridge(8), state disabled).
 *
 * @param at takes the first step, the silence, at its instant
 */
export async function freeze(
  at: StepRunner,
  { parts }: Lab,
  { compute_id, instance }: LabAmphora,
): Promise<LabObservation> {
  const steps = await at.run(forwarding(instance.name, false));
  await parts.compute.freeze(compute_id);
  const detail = 'its port silent, its processes in the cgroup freezer';
  return {
    ...struck('fault', 'machine frozen', instance.name, detail, steps),
    stalls: true,
    atOnce: true,
  };
}

/** The amphora goes on where it was, and is heard again. */
export function thaw({ parts, fabric }: Lab, { compute_id, instance }: LabAmphora): Promise<LabObservation> {
  return done('heal', 'machine thawed', instance.name, 'out of the cgroup freezer', async () => {
    await parts.compute.thaw(compute_id);
    await fabric.run(forwarding(instance.name, true));
  });
}

/** The state of the bridge's port: disabled or forwarding. */
function forwarding(port: string, forwards: boolean) {
  return {
    argv: ['ip', 'netns', 'exec', 'switch', 'bridge', '-batch', '-'],
    stdin: `link set dev ${port} state ${forwards ? 3 : 0}\n`,
  };
}

/** So long keepalived is watched: several checks, at any interval that a scenario has. */
const NEED_WINDOW_S = 5;
/** With less, systemd and the agent alone keep an amphora busy. */
const SHARE_MIN = 0.05;

/**
 * What keepalived and its checks take of one core here and now, as a share: the processor time of its VRRP process and
 * of the children that it has waited for (proc_pid_stat(5), fields 14 to 17).
 */
export async function keepalivedNeed({ fabric }: Lab, { instance }: LabAmphora): Promise<number> {
  const used = `awk '{ print $14 + $15 + $16 + $17 }' /proc/$(pgrep --newest --exact keepalived)/stat`;
  const watch = `before=$(${used}); sleep ${NEED_WINDOW_S}; after=$(${used}); echo $((after - before)) $(getconf CLK_TCK)`;
  const [watched] = await fabric.run({ argv: inAmphora(instance, 'sh', '-ec', watch) });
  const [ticks = 0, ticksPerSecond = 100] = (watched?.stdout ?? '').trim().split(' ').map(Number);
  return ticks / ticksPerSecond / NEED_WINDOW_S;
}

/**
 * The amphora gets so many times what its keepalived and its checks need, and no more (CFS quota): a noisy neighbour on
 * its host.
 *
 * @param need as a share of one core
 */
export function starve(
  { parts }: Lab,
  { compute_id, instance }: LabAmphora,
  times: number,
  need: number,
): Promise<LabObservation> {
  const share = Math.max(SHARE_MIN, times * need);
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  const detail = `${percent(share)} of one core, of which keepalived and its checks need ${percent(need)}`;
  return stalled(
    done('fault', 'machine starved', instance.name, detail, () => parts.compute.limitCpu(compute_id, share)),
  );
}

/** The amphora gets all the time that it wants again. */
export function feed({ parts }: Lab, { compute_id, instance }: LabAmphora): Promise<LabObservation> {
  return done('heal', 'machine fed', instance.name, 'no CFS quota', () =>
    parts.compute.limitCpu(compute_id, undefined),
  );
}
