import type { Lab, LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { done, stalled } from './fault.ts';

/** The cgroup freezer stops everything in an amphora between two instructions, as a paused virtual machine is. */
export async function freeze({ parts }: Lab, { compute_id, instance }: LabAmphora): Promise<LabObservation> {
  const frozen = done('fault', 'machine frozen', instance.name, 'by the cgroup freezer', () =>
    parts.compute.freeze(compute_id),
  );
  return { ...(await stalled(frozen)), atOnce: true };
}

/** The amphora goes on where it was. */
export function thaw({ parts }: Lab, { compute_id, instance }: LabAmphora): Promise<LabObservation> {
  return done('heal', 'machine thawed', instance.name, 'by the cgroup freezer', () =>
    parts.compute.thaw(compute_id),
  );
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
