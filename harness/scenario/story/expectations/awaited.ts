import type { LabAmphora } from '../../../lab/lab.ts';
import type { LabObservation, Observation } from '../../../observe/observation.ts';
import { checked, limitMs, sinceMs, type World } from '../world.ts';

export type AboutAmphora = (amphora: LabAmphora, after: LabObservation) => Promise<void>;

/** Waits until something is observed of an amphora; `{}` in the name stands for it. */
export function awaited(
  world: World,
  name: string,
  match: (entry: Observation, amphora: LabAmphora) => boolean,
): AboutAmphora {
  return (amphora, after) => {
    const what = name.replace('{}', amphora.instance.name);
    return checked(world, what, async () => {
      const seen = await world.log.waitFor({
        what,
        limitMs: limitMs(world),
        sinceNs: BigInt(after.atNs),
        match: (entry): entry is Observation => match(entry, amphora),
      });
      return { holds: true, detail: `${sinceMs(after, seen).toFixed(1)} ms after ${after.name}` };
    });
  };
}
