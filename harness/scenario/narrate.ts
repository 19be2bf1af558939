import type { Scenario } from './scenario.ts';
import type { Story } from './story.ts';

/**
 * Has a scenario told to nobody: each word is written down instead of done, so that the explanation is the
 * scenario itself and cannot fall behind it.
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
  await scenario.run(story as unknown as Story);
  return { steps, holds };
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
