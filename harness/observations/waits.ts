import { followHolders } from './holders.ts';
import type { Observation, RequestObservation } from './observation.ts';

/**
 * What a wait looks for. Each wait begins a look of its own, which is shown the whole history from its first entry
 * on, past and coming, each entry once. It counts nothing from before `sinceNs`; what it must know of the time
 * before that (who held the VIP, which requests were under way) it can see.
 */
export type Look<T> = (sinceNs: bigint) => (entry: Observation) => T | undefined;

/** The first entry that matches. */
export function first<T extends Observation>(match: (entry: Observation) => entry is T): Look<T>;
export function first(match: (entry: Observation) => boolean): Look<Observation>;
export function first(match: (entry: Observation) => boolean): Look<Observation> {
  return (sinceNs) => (entry) => (BigInt(entry.atNs) >= sinceNs && match(entry) ? entry : undefined);
}

/**
 * A row of answered requests, in the order in which they were sent: the last of them, when all
 * that were sent before have their outcome.
 *
 * @param broken whether something is wrong after this entry; requests sent until then do not count
 */
export function streak(
  count: number,
  broken: () => (entry: Observation) => boolean = () => () => false,
): Look<RequestObservation> {
  return (sinceNs) => {
    const isBroken = broken();
    const inOrder = requestsInOrder();
    let fromNs = sinceNs;
    let length = 0;
    let wasBroken = false;
    return (entry) => {
      const nowBroken = isBroken(entry);
      if (nowBroken || wasBroken) {
        const atNs = BigInt(entry.atNs);
        if (atNs > fromNs) fromNs = atNs;
        length = 0;
      }
      wasBroken = nowBroken;
      for (const request of inOrder(entry)) {
        if (BigInt(request.atNs) < fromNs) continue;
        length = request.outcome === 'answered' ? length + 1 : 0;
        if (length === count) return request;
      }
      return undefined;
    };
  };
}

/**
 * Every request that was sent before an instant, in that order, when each of them has its outcome: those too that
 * are under way when the wait begins.
 *
 * @param enough ends the look earlier, with the request that it holds for as the last one
 */
export function everyRequest(
  untilNs: bigint,
  enough: (request: RequestObservation) => boolean = () => false,
): Look<readonly RequestObservation[]> {
  return (sinceNs) => {
    const inOrder = requestsInOrder();
    const found: RequestObservation[] = [];
    return (entry) => {
      for (const request of inOrder(entry)) {
        if (BigInt(request.atNs) >= untilNs) return found;
        if (BigInt(request.atNs) < sinceNs) continue;
        found.push(request);
        if (enough(request)) return found;
      }
      return undefined;
    };
  };
}

/**
 * What comes first: an entry that disturbs, or the end of the quiet time. Requests are the clock, as each carries
 * its instant.
 */
export function quietUntil<T extends Observation>(
  untilNs: bigint,
  disturbs: (entry: Observation) => entry is T,
): Look<T | 'quiet'> {
  return (sinceNs) => (entry) => {
    const atNs = BigInt(entry.atNs);
    if (atNs >= untilNs) return entry.kind === 'request' ? 'quiet' : undefined;
    return atNs >= sinceNs && disturbs(entry) ? entry : undefined;
  };
}

/**
 * A request, requests being the clock, at which no held connection is without the service that it had: one that was sent
 * since an instant, or since each of `count` connections was opened anew after the last thing that was done or the last
 * change of an address.
 */
export function connectionsBack(count: number): Look<Observation> {
  return (sinceNs) => {
    const without = new Set<number>();
    const anew = new Set<number>();
    return (entry) => {
      if (entry.kind === 'lab' || entry.kind === 'address') anew.clear();
      if (entry.kind === 'connection') {
        const [from, to] = entry.change === 'cut' ? [anew, without] : [without, anew];
        from.delete(entry.connection);
        to.add(entry.connection);
      }
      const counts = entry.kind === 'request' && (BigInt(entry.atNs) >= sinceNs || anew.size === count);
      return counts && without.size === 0 ? entry : undefined;
    };
  };
}

/** The first address change or request, requests being the clock, at which a node alone holds an address. */
export function heldByAlone(node: string, address: string, atFirst: string): Look<Observation> {
  return (sinceNs) => {
    const follow = followHolders(address, atFirst);
    return (entry) => {
      const holders = follow(entry);
      const counts = entry.kind === 'address' || entry.kind === 'request';
      return counts && BigInt(entry.atNs) >= sinceNs && holders.size === 1 && holders.has(node)
        ? entry
        : undefined;
    };
  };
}

/** Gives requests in the order in which they were sent: each when all before it have their outcome. */
function requestsInOrder(): (entry: Observation) => readonly RequestObservation[] {
  const early = new Map<number, RequestObservation>();
  let next = 0;
  return (entry) => {
    if (entry.kind !== 'request') return [];
    early.set(entry.sequence, entry);
    const ready: RequestObservation[] = [];
    for (let request = early.get(next); request; request = early.get(next)) {
      early.delete(next++);
      ready.push(request);
    }
    return ready;
  };
}
