import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Slots } from './slots.ts';

const LOOK_EVERY_MS = 5000;
/** Above this, labs wait for each other and for others' work; below the other one, another lab finds room. */
const PRESSURE = { high: 0.75, low: 0.4 } as const;

/**
 * How many labs side by side come next. One less or one more at a time: what a lab takes shows only while it is built
 * and while it fails over.
 *
 * @param pressure share of the time in which some process waited for a processor, 0 to 1
 * @param busy whether all places are taken: where none is wanted, there is no reason for more
 */
export function nextPlaces(
  places: number,
  { pressure, most, busy }: { readonly pressure: number; readonly most: number; readonly busy: boolean },
): number {
  if (pressure > PRESSURE.high) return Math.max(1, places - 1);
  return pressure < PRESSURE.low && busy ? Math.min(most, places + 1) : places;
}

/** Labs at the beginning: one for each core keeps the cores busy. */
export function firstPlaces(most: number): number {
  return Math.min(most, availableParallelism());
}

/**
 * From now on there are as many places as the machine bears: fewer where processes wait for a processor, more where
 * they do not. Reports each change in a sentence, until it is disposed of.
 */
export function followPressure(slots: Slots, most: number, say: (sentence: string) => void): Disposable {
  let last = waitedUs();
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const [now, nowMs] = [waitedUs(), performance.now()];
    const pressure =
      now === undefined || last === undefined
        ? loadPressure()
        : Math.min(1, (now - last) / 1000 / (nowMs - lastMs));
    [last, lastMs] = [now, nowMs];
    const places = nextPlaces(slots.size, { pressure, most, busy: slots.waiting > 0 });
    if (places === slots.size) return;
    const share = `some process waited for a processor in ${(pressure * 100).toFixed(0)} % of the last ${LOOK_EVERY_MS / 1000} s`;
    say(`${places === 1 ? 'one lab' : `${places} labs`} at once instead of ${slots.size}: ${share}`);
    slots.resize(places);
  }, LOOK_EVERY_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** How long some process has waited since the boot, µs (Documentation/accounting/psi.rst); undefined where it is not reported. */
function waitedUs(): number | undefined {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1];
    return total === undefined ? undefined : Number(total);
  } catch {
    // Before Linux 4.20, booted with psi=0, or no Linux at all.
    return undefined;
  }
}

/** The nearest thing: what is ready to run beyond one process for each processor, over the last minute. */
function loadPressure(): number {
  const [lastMinute = 0] = loadavg();
  return Math.min(1, Math.max(0, lastMinute / availableParallelism() - 1));
}
