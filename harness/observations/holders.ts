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
