import fc from 'fast-check';
import { anyMove, asCode, type Move, sensible, singles } from './steps.ts';

/** Longer stories find no more: a defect shows within a few steps, and shorter stories run sooner. */
const STEPS_MAX = 6;
const BATCH = 50;

/** The outcome of a story: it holds, or an invariant is broken, and how. */
export type Verdict = { readonly broken?: string };

/** The shortest story that was found to break an invariant. */
export interface Found {
  readonly steps: readonly Move[];
  readonly reason: string;
}

/**
 * Tells stories until one breaks an invariant, and then shorter ones of its steps. The story that is found is the first
 * one in the order of the stories, in whichever order verdicts come.
 *
 * @param fits asked before each story: there is still time for it; the first one without ends the search
 * @param onFound gets the first story that breaks one
 * @param ahead how many stories may be told before the verdict on the first of them
 */
export async function search(
  stories: Iterable<readonly Move[]>,
  tell: (steps: readonly Move[]) => Promise<Verdict>,
  fits: (steps: readonly Move[]) => boolean,
  onFound: () => void,
  ahead = 1,
): Promise<Found | undefined> {
  const known = new Map<string, Promise<Verdict>>();
  const told = (steps: readonly Move[]): Promise<Verdict> => {
    const words = steps.map(asCode).join();
    const verdict = known.get(words) ?? tell(steps);
    known.set(words, verdict);
    return verdict;
  };
  const found = await firstBroken(stories, told, fits, ahead);
  if (!found) return undefined;
  onFound();
  return (await firstBroken(shorter(found.steps), told, fits, ahead)) ?? found;
}

async function firstBroken(
  stories: Iterable<readonly Move[]>,
  told: (steps: readonly Move[]) => Promise<Verdict>,
  fits: (steps: readonly Move[]) => boolean,
  ahead: number,
): Promise<Found | undefined> {
  const underWay: { readonly steps: readonly Move[]; readonly verdict: Promise<Verdict> }[] = [];
  const rest = Iterator.from(stories);
  let ended = false;
  for (;;) {
    while (underWay.length < ahead && !ended) {
      const { value: steps, done } = rest.next();
      ended = done === true || !fits(steps);
      if (ended || done) break;
      const verdict = told(steps);
      // Nobody waits for those behind the one that is found.
      verdict.catch(() => {});
      underWay.push({ steps, verdict });
    }
    const first = underWay.shift();
    if (!first) return undefined;
    const { broken } = await first.verdict;
    if (broken !== undefined) return { steps: first.steps, reason: broken };
  }
}

/** Stories without end: each fault alone first, in an order of the seed's, and then any. */
export function* storiesOf(seed: number): Generator<readonly Move[]> {
  const alone = singles();
  yield* fc.sample(
    fc.shuffledSubarray(
      alone.map((step) => [step]),
      { minLength: alone.length },
    ),
    {
      seed,
      numRuns: 1,
    },
  )[0] ?? [];
  const any = fc.array(anyMove, { minLength: 2, maxLength: STEPS_MAX });
  for (let batch = 1; ; batch++) {
    for (const steps of fc.sample(any, { seed: seed + batch, numRuns: BATCH })) {
      const taken = sensible(steps).map(({ step }) => step);
      if (taken.length > 1) yield taken;
    }
  }
}

/** Every story that has some of the steps, in their order, and makes sense: the shortest first. */
export function shorter(steps: readonly Move[]): readonly (readonly Move[])[] {
  const parts: (readonly Move[])[] = Array.from({ length: 2 ** steps.length - 1 }, (_, mask) =>
    steps.filter((_step, n) => mask & (1 << n)),
  );
  return parts
    .filter((part) => part.length > 0 && sensible(part).length === part.length)
    .sort((one, other) => one.length - other.length);
}
