import type { LabAmphora } from '../../../lab/lab.ts';
import type { LabObservation } from '../../../observe/observation.ts';
import { fits, type Pattern } from '../../../observe/pattern.ts';
import { first } from '../../../observe/waits.ts';
import { checked, limitMs, sinceMs, type World } from '../world.ts';

export type AboutAmphora = (amphora: LabAmphora, after: LabObservation) => Promise<void>;

/**
 * Waits until something like one of the patterns is observed of an amphora; `{}` in the name stands for it.
 *
 * @param from counts from when what it comes after was begun; `done`: from when that was done, as the state before it
 *   lasts until then
 */
export function awaited(
  world: World,
  name: string,
  wanted: (amphora: LabAmphora) => readonly Pattern[],
  from: 'begun' | 'done' = 'begun',
): AboutAmphora {
  return (amphora, after) => {
    const what = name.replace('{}', amphora.instance.name);
    return checked(world, what, async () => {
      const like = wanted(amphora);
      const seen = await world.log.waitFor({
        what,
        limitMs: limitMs(world),
        sinceNs: BigInt(from === 'done' ? (after.doneNs ?? after.atNs) : after.atNs),
        look: first((entry) => like.some((pattern) => fits(pattern, entry))),
        like,
      });
      return { holds: true, detail: `${sinceMs(after, seen).toFixed(1)} ms after ${after.name}` };
    });
  };
}
