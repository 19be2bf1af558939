import { existsSync } from 'node:fs';
import type { Machine } from '../run/machine.ts';

/** Older results may be of another version of the testbed, which took another time. */
const RESULTS_MAX = 20;

/** What a run takes on a machine by its history, ms, by scenario; nothing where no history can be read. */
export async function earlierDurations(
  file: string,
  machine: Machine,
): Promise<Readonly<Record<string, number>>> {
  if (!existsSync(file)) return {};
  try {
    const [{ History }, { durationsOn }] = await Promise.all([
      import('../compare/history/store.ts'),
      import('../run/night/ledger.ts'),
    ]);
    using history = History.open(file);
    return durationsOn(machine, history.entries({ last: RESULTS_MAX }));
  } catch {
    // It serves a view alone: what compares results reports a history that cannot be read.
    return {};
  }
}
