import type { Observation, RequestObservation } from '../../observations/observation.ts';

/**
 * The requests of a history in their order, each answered at the instant at which its answer reached the client's
 * interface, where the capture there has it. The client reads answers one by one: once the service is back, it first
 * reads what was held, and reads the first of many answers tens of milliseconds late.
 */
export function requestsOf(history: readonly Observation[]): readonly RequestObservation[] {
  const arrivals = new Map<number, bigint[]>();
  for (const entry of history) {
    if (entry.kind !== 'answer') continue;
    const known = arrivals.get(entry.port);
    if (known) known.push(BigInt(entry.atNs));
    else arrivals.set(entry.port, [BigInt(entry.atNs)]);
  }
  return history
    .filter((entry) => entry.kind === 'request')
    .map((request) => {
      if (request.port === undefined) return request;
      const [fromNs, toNs] = [BigInt(request.atNs), BigInt(request.endNs)];
      const arrivedNs = arrivals.get(request.port)?.find((ns) => ns > fromNs && ns < toNs);
      return arrivedNs === undefined ? request : { ...request, endNs: String(arrivedNs) };
    })
    .sort((one, other) => one.sequence - other.sequence);
}
