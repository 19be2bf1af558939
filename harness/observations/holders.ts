import type { Observation } from './observation.ts';

/**
 * Which nodes hold an address after each entry of a history that it is shown, given who held it at first; the one that
 * took it last is the last.
 */
export function followHolders(address: string, first: string): (entry: Observation) => ReadonlySet<string> {
  const holders = new Set([first]);
  return (entry) => {
    if (entry.kind === 'address' && entry.address === address) {
      holders.delete(entry.node);
      if (entry.change === 'added') holders.add(entry.node);
    }
    return holders;
  };
}

/**
 * Who holds an address when a history begins: it may begin with the lab, before anybody has taken the address.
 *
 * @param holder held it before the first thing that was done
 */
export function heldAtFirst(
  entries: readonly Observation[],
  address: string,
  holder: string,
): string | undefined {
  for (const entry of entries) {
    // What is done may take the holder's power, and it takes the address again when it has booted.
    if (entry.kind === 'lab' && entry.what !== 'step') break;
    if (entry.kind === 'address' && entry.address === address && entry.node === holder)
      return entry.change === 'added' ? undefined : holder;
  }
  return holder;
}

/** Which nodes hold an address after a history. */
export function holdersAfter(
  entries: readonly Observation[],
  address: string,
  first: string,
): ReadonlySet<string> {
  const follow = followHolders(address, first);
  let holders: ReadonlySet<string> = new Set([first]);
  for (const entry of entries) holders = follow(entry);
  return holders;
}
