import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import type { LabNode } from '../../../lab/lab.ts';
import type { LabObservation } from '../../../observations/observation.ts';
import { fits, type Pattern } from '../../../observations/pattern.ts';
import { first } from '../../../observations/waits.ts';
import { AMPHORA, type Argument, type GivenOf, INSTANT, type SaidOf } from '../../../vocabulary/argument.ts';
import type { Word } from '../../../vocabulary/word.ts';
import { type CheckOutcome, checked, limitMs, sinceMs, type World } from '../../world/world.ts';

/** A word that waits for what it names, and becomes a check of the run. */
export function expectation<
  const Takes extends readonly Argument[],
  Does extends (world: World, ...given: GivenOf<Takes>) => Promise<CheckOutcome>,
>({
  look,
  ...word
}: Word<Takes> & {
  /** The check's name, where it is not what the word says. */
  named?(...said: SaidOf<Takes>): string;
  readonly look: Does;
}) {
  type Given = Does extends (world: World, ...given: infer G) => unknown ? G : never;
  const { takes, says, named = says } = word;
  return {
    ...word,
    act: (world: World, ...given: Given): Promise<void> => {
      const said = takes.map((argument, n) => argument.said(given[n])) as SaidOf<Takes>;
      return checked(world, named(...said), () => look(world, ...(given as never)));
    },
  };
}

/**
 * Waits until something like one of the patterns is observed of an amphora.
 *
 * @param from counts from when what it comes after was begun; `done`: from when that was done, as the state before it
 *   lasts until then
 */
export function awaited(
  says: (amphora: string) => string,
  named: (amphora: string) => string,
  wanted: (amphora: LabNode, world: World) => readonly Pattern[],
  from: 'begun' | 'done' = 'begun',
) {
  return expectation({
    takes: [AMPHORA, INSTANT],
    says,
    named,
    async look(world, amphora: LabNode, after: LabObservation) {
      const like = wanted(amphora, world);
      const seen = await world.log.waitFor({
        what: named(amphora.instance.name),
        limitMs: limitMs(world),
        sinceNs: BigInt(from === 'done' ? (after.doneNs ?? after.atNs) : after.atNs),
        look: first((entry) => like.some((pattern) => fits(pattern, entry))),
        like,
      });
      return { holds: true, detail: `${inMs(sinceMs(after, seen), 1)} after ${after.name}` };
    },
  });
}
