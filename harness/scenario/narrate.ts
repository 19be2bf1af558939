import { setImmediate as turn } from 'node:timers/promises';
import { UsageError } from './parameters.ts';
import { namedFile, placeIn } from './place.ts';
import type { Scenario } from './scenario.ts';
import type { Story } from './story.ts';

/** Nothing takes any time when nobody does it. */
const LIMIT_MS = 5000;

/**
 * Has a scenario told to nobody: each word is written down instead of done, so that the explanation is the
 * scenario itself and cannot fall behind it.
 *
 * @throws UsageError where it cannot be told so, with the line of the scenario
 */
export async function narrate(
  scenario: Scenario,
): Promise<{ readonly steps: readonly string[]; readonly holds: readonly string[] }> {
  const steps: string[] = [];
  const holds: string[] = [];
  const master = { spoken: 'the master' };
  const backup = { spoken: 'the backup' };
  const words = (told: string[], before: string) =>
    new Proxy(
      {},
      {
        get:
          (_, word: string) =>
          async (...args: readonly unknown[]) => {
            const sentence = [before, inWords(word), ...args.map(spoken).filter(Boolean)].join(' ').trim();
            // One that goes around for ever lets the clock go on.
            await turn();
            // A story may go around: what comes again is told once.
            if (!told.includes(sentence)) told.push(sentence);
            return { spoken: '', count: 0, cut: 0, [Symbol.asyncDispose]: async () => {} };
          },
      },
    );
  const story = {
    master,
    backup,
    traffic: words(steps, 'traffic:'),
    fault: words(steps, 'fault:'),
    change: words(steps, 'change:'),
    heal: words(steps, 'heal:'),
    mark: async (name: string) => {
      steps.push(name);
      return {};
    },
    expect: words(holds, ''),
  };
  await endedInTime(scenario, scenario.run(story as unknown as Story));
  return { steps, holds };
}

async function endedInTime({ name, file }: Scenario, telling: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(
    () =>
      late.reject(new Error(`the story does not end within ${LIMIT_MS / 1000} s, though nothing is done`)),
    LIMIT_MS,
  );
  try {
    await Promise.race([telling, late.promise]);
  } catch (cause) {
    const { message, stack } = cause instanceof Error ? cause : { message: String(cause), stack: undefined };
    const place = placeIn(stack, file) ?? (file ? namedFile(file) : name);
    throw new UsageError(`${place}: ${message}.`, { cause });
  } finally {
    clearTimeout(limit);
  }
}

/** `announcementFrom` → `announcement from`, `vipOn` → `VIP on`. */
function inWords(name: string): string {
  return name
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\bvip\b/g, 'VIP')
    .replace(/\bhaproxy\b/g, 'HAProxy');
}

function spoken(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  return (value as { spoken?: string } | undefined)?.spoken ?? '';
}
