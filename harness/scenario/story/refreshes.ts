import { announces } from '../../observe/announcement.ts';
import type { LabObservation, Observation } from '../../observe/observation.ts';
import { sinceMs } from './world.ts';

/** Announcements closer together than this are one refresh. */
const TOGETHER_MS = 300;

/** The refreshes of an address that a port of the switch saw: when each began, ms after `after`, and its frames. */
export function refreshesOf(
  entries: readonly Observation[],
  wanted: { readonly port: string; readonly address: string; readonly after: LabObservation },
): readonly { readonly atMs: number; readonly frames: number }[] {
  const refreshes: { atMs: number; lastMs: number; frames: number }[] = [];
  for (const entry of entries) {
    if (!announces(entry, wanted.port, wanted.address)) continue;
    const atMs = sinceMs(wanted.after, entry);
    if (atMs < 0) continue;
    const open = refreshes.at(-1);
    if (open && atMs - open.lastMs < TOGETHER_MS) {
      open.lastMs = atMs;
      open.frames++;
    } else refreshes.push({ atMs, lastMs: atMs, frames: 1 });
  }
  return refreshes.map(({ atMs, frames }) => ({ atMs, frames }));
}
