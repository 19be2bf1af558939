import type { StepRunner } from '../fabric/fabric.ts';
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

/** The amphora gets this share of one core and no more (CFS quota): a noisy neighbour on its host. */
export function starve(
  { parts }: Lab,
  { compute_id, instance }: LabAmphora,
  share: number,
): Promise<LabObservation> {
  return stalled(
    done('fault', 'machine starved', instance.name, `${share * 100} % of one core`, () =>
      parts.compute.limitCpu(compute_id, share),
    ),
  );
}

/** The amphora gets all the time that it wants again. */
export function feed({ parts }: Lab, { compute_id, instance }: LabAmphora): Promise<LabObservation> {
  return done('heal', 'machine fed', instance.name, 'no CFS quota', () =>
    parts.compute.limitCpu(compute_id, undefined),
  );
}
