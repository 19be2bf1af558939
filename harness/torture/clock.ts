import type { Torture } from './fault.ts';

/** Linux' time namespaces offset the monotonic and the boot clock only (time_namespaces(7)). */
export const clock: Torture = async ({ report }) => {
  report({
    fault: 'wall clock stepped',
    instant: 'mid-run',
    status: 'skipped',
    detail:
      'CLOCK_REALTIME has no namespace: a step would be the whole machine’s, with all that runs on it; src and harness measure durations by the monotonic clock',
    leaks: 0,
  });
};
