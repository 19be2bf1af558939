import { setImmediate as turn } from 'node:timers/promises';
import { CannotRun } from '../vocabulary/deed.ts';
import { shown } from '../vocabulary/word.ts';
import { placeIn } from './place.ts';
import type { Scenario } from './scenario.ts';
import { type Begin, tell } from './story.ts';
import { strayRejections } from './stray-rejections.ts';
import { takeOverLimitMs, type World } from './world/world.ts';

/** Default limit of a story: more than twice the longest of the catalogue. */
const LIMIT_S = 120;
/** How many waits of a story may run to their end, where slow settings make them long. */
const LONG_WAITS = 5;

/** A story ended by something other than its end. */
export class StoryFailed extends Error {
  override readonly name: string;

  constructor(cause: unknown, place: string | undefined) {
    const { name, message } = cause instanceof Error ? cause : { name: 'Error', message: String(cause) };
    super(place ? `${message.replace(/\.$/, '')}, at ${place}` : message, { cause });
    this.name = name;
  }
}

/** A story did not end in time; the message says what it waits for. */
export class StoryNotEnded extends Error {
  override readonly name = 'StoryNotEnded';
}

/** How long a story may take, ms. */
export function storyLimitMs(
  { limitS = LIMIT_S }: Pick<Scenario, 'limitS'>,
  timing: Parameters<typeof takeOverLimitMs>[0],
): number {
  return Math.max(limitS * 1000, LONG_WAITS * takeOverLimitMs(timing));
}

/** Something that the story has said: an expectation, a fault, a repair, a change, traffic. */
interface StoryStep {
  readonly words: string;
  readonly place: string | undefined;
  readonly beganMs: number;
  readonly ended: Promise<unknown>;
}

/**
 * Tells a scenario's story to its end. Each step that it has begun belongs to it: what the story does not await is
 * awaited here, and a failure counts even if the story has caught it.
 *
 * @throws StoryFailed with the line of the scenario
 * @throws StoryNotEnded
 * @throws CannotRun
 */
export async function tellWhole(scenario: Scenario, world: World): Promise<void> {
  const startedMs = performance.now();
  const limitMs = storyLimitMs(scenario, world.lab.timing);
  const open = new Set<StoryStep>();
  const failures: { readonly error: unknown; readonly place: string | undefined }[] = [];
  let last: StoryStep | undefined;
  let over = false;

  const begin: Begin = (words, act, given) => {
    // Nobody hears what is said after the end, and the lab may be gone.
    if (over) return new Promise<never>(() => {});
    const place = placeIn(new Error().stack, scenario.file);
    // A step that nobody awaits may be given to another one, as the instant to count from.
    const settled = given.some(isPromise) ? Promise.all(given) : undefined;
    const done = (async () => {
      // A story that goes around for ever lets the clock go on.
      await turn();
      return act((await settled) ?? given);
    })();
    const said = `${words}(${given.map(shown).join(', ')})`;
    const step: StoryStep = {
      words: said,
      place,
      beganMs: performance.now() - startedMs,
      ended: done.then(
        () => open.delete(step),
        (error: unknown) => {
          open.delete(step);
          failures.push({ error, place });
        },
      ),
    };
    open.add(step);
    last = step;
    return done;
  };

  const toldToItsEnd = async () => {
    await scenario.run(tell(world, begin));
    // The story continues when a step ends, and may begin another one.
    for (await turn(); open.size > 0; await turn()) await Promise.all([...open].map(({ ended }) => ended));
    const [failed] = failures;
    if (failed) throw failed.error;
  };

  using strays = strayRejections(scenario.file, (error) => failures.some((failed) => failed.error === error));
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(() => late.reject(new StoryNotEnded(notEnded(limitMs, [...open], last))), limitMs);
  try {
    await Promise.race([toldToItsEnd(), late.promise, strays.first]);
  } catch (error) {
    if (error instanceof CannotRun || error instanceof StoryNotEnded) throw error;
    const place = failures.find((failed) => failed.error === error)?.place;
    throw new StoryFailed(error, place ?? placeIn((error as Error | undefined)?.stack, scenario.file));
  } finally {
    over = true;
    clearTimeout(limit);
  }
}

/** What a story that does not end was doing. */
function notEnded(limitMs: number, open: readonly StoryStep[], last: StoryStep | undefined): string {
  const within = `The story did not end within ${(limitMs / 1000).toFixed(0)} s (limitS of the scenario)`;
  const named = ({ words, place, beganMs }: StoryStep) =>
    `${words}${place ? ` at ${place}` : ''}, which began after ${(beganMs / 1000).toFixed(1)} s`;
  if (!last) return `${within}: it has begun no step, and waits for something else.`;
  const [newest] = open.slice(-1);
  if (!newest)
    return `${within}: its last step has ended, ${named(last)}; since then it waits for something that is no step.`;
  return `${within}: it waits for ${named(newest)}.`;
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
