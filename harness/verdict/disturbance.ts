import type { StoredRun } from './facts.ts';

/** Later than this, the prober measured the machine and not the service. */
const LATENESS_LIMIT_MS = 100;

/** Why a run measured the machine rather than the failover; undefined when nothing says so. */
export function disturbanceOf(
  { journals, history }: Pick<StoredRun, 'journals' | 'history'>,
  timeline: { readonly proberLatenessMs: number },
): string | undefined {
  const latenessMs = timeline.proberLatenessMs;
  if (latenessMs > LATENESS_LIMIT_MS) {
    return `The machine was too busy: a request was sent ${latenessMs.toFixed(0)} ms late (at most ${LATENESS_LIMIT_MS} ms are tolerated).`;
  }
  const stalled = new Set(
    history.map((entry) => (entry.kind === 'lab' && entry.stalls ? entry.node : undefined)),
  );
  for (const [node, journal] of Object.entries(journals)) {
    if (stalled.has(node)) continue;
    const line = /.*A thread timer expired.*/.exec(journal)?.[0];
    if (line) return `The machine was too busy: keepalived says "${line.trim()}".`;
  }
  return undefined;
}
