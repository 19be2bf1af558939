import { announces } from '../../../observations/announcement.ts';
import type { Look } from '../../../observations/waits.ts';

/** Announcements closer together than this are one refresh. */
const TOGETHER_MS = 300;

/** An announcement that is repeated at once, as garp_master_refresh_repeat says. */
export interface Refresh {
  readonly atMs: number;
  readonly frames: number;
}

/** The first refreshes of an address that a port of the switch saw, once `count` are complete: the next has begun. */
export function refreshes(
  complete: number,
  { port, address }: { readonly port: string; readonly address: string },
): Look<readonly Refresh[]> {
  return (sinceNs) => {
    const seen: { atMs: number; lastMs: number; frames: number }[] = [];
    return (entry) => {
      if (BigInt(entry.atNs) < sinceNs || !announces(entry, port, address)) return undefined;
      const atMs = Number(BigInt(entry.atNs) - sinceNs) / 1e6;
      const open = seen.at(-1);
      if (open && atMs - open.lastMs < TOGETHER_MS) {
        open.lastMs = atMs;
        open.frames++;
      } else seen.push({ atMs, lastMs: atMs, frames: 1 });
      if (seen.length <= complete) return undefined;
      return seen.slice(0, complete).map((refresh) => ({ atMs: refresh.atMs, frames: refresh.frames }));
    };
  };
}
