import type { Look } from './waits.ts';

/** How many entries the stick tables of a node hold together, once that is at least `least`. */
export function tablesHold(node: string, least: number): Look<number> {
  return (sinceNs) => {
    const held = new Map<string, number>();
    return (entry) => {
      if (entry.kind !== 'table' || entry.node !== node) return undefined;
      held.set(entry.table, entry.entries);
      const entries = [...held.values()].reduce((sum, each) => sum + each, 0);
      // What is seen at once may be of the time before: the look before this one must have been after it too.
      return BigInt(entry.sinceNs) >= sinceNs && entries >= least ? entries : undefined;
    };
  };
}
