import type { Observation } from '../../observations/observation.ts';
import { backup, fault, master, requests, VIP } from '../timeline/failover.fixture.ts';
import type { StoredRun } from './facts.ts';

/** A run with one fault and these requests, and what else was observed. */
export function stored(
  more: readonly Observation[] = [],
  journal = '',
  struck = fault,
  backAtMs = 3300,
): StoredRun {
  return {
    history: [struck, ...requests(0, backAtMs), ...more],
    journals: { 'amphora-1': '', 'amphora-2': journal },
    configurations: {},
    facts: {
      factsVersion: 1,
      scenario: 'master-kill',
      index: 1,
      phaseShare: 0.5,
      parameters: { advert_int: 1, vrrp_version: 2 },
      probe: { intervalMs: 10, timeoutMs: 100 },
      checks: [],
      measures: {},
      pair: {
        vip: VIP,
        master: { ...master, priority: 100, forwards: true },
        backup: { ...backup, priority: 90, forwards: true },
      },
      labUpMs: 1,
      wallMs: 1,
      versions: {},
      journals: {},
      configurations: {},
    },
  };
}
