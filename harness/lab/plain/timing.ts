import type { Pair, VirtualRouter } from '../../pair/configuration/pair.ts';
import type { PairTiming } from '../lab.ts';

/** How long the pair takes, by its slowest node. */
export function timingOf({ nodes }: Pair, router: VirtualRouter): PairTiming {
  const checks = nodes.flatMap(({ vrrp }) => vrrp.scripts);
  const slowest = checks.reduce(
    (most, { intervalMs, fall }) =>
      intervalMs.value * fall.value > most.intervalMs * most.fall
        ? { intervalMs: intervalMs.value, fall: fall.value }
        : most,
    { intervalMs: 0, fall: 0 },
  );
  const [first] = router;
  const refreshMs = (first?.garpRefreshS.value ?? 0) * 1000;
  const delayMs = Math.max(...router.map(({ preemptDelayMs }) => preemptDelayMs.value));
  return {
    advertIntMs: Math.max(...router.map(({ advertIntMs }) => advertIntMs.value)),
    ...{ checkIntervalMs: slowest.intervalMs, checkFall: slowest.fall },
    ...(delayMs > 0 && { preemptDelayMs: delayMs }),
    ...(refreshMs > 0 && {
      refresh: { intervalMs: refreshMs, repeat: first?.garpRefreshRepeat.value ?? 1 },
    }),
  };
}
