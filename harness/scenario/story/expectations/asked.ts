import { setImmediate as turn } from 'node:timers/promises';

/**
 * Asks again until the answer is good or the time is over: for what no observer tells.
 *
 * @returns the last answer
 */
export async function askedUntil<T>(
  ask: () => Promise<T>,
  good: (answer: T) => boolean,
  limitMs: number,
): Promise<T> {
  let late = false;
  const limit = setTimeout(() => {
    late = true;
  }, limitMs);
  try {
    let answer = await ask();
    while (!good(answer) && !late) {
      // An immediate answer would give no other task a turn, not even the clock.
      await turn();
      answer = await ask();
    }
    return answer;
  } finally {
    clearTimeout(limit);
  }
}
