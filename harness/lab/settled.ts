import { createInterface } from 'node:readline';
import { type Fabric, LabGone } from '../fabric/fabric.ts';
import type { Instance } from './compute.ts';
import { followJournal } from './journal.ts';

/** keepalived begins in FAULT: two checks of 5 s, a master-down interval, and what a busy machine takes. */
const STATES_LIMIT_MS = 60_000;

/** As keepalived's journal has them. */
type VrrpState = 'BACKUP' | 'MASTER' | 'FAULT';

/** The keepalived of a pair did not come to the states that were waited for. */
export class NotSettled extends Error {
  override readonly name = 'NotSettled';
}

/**
 * Resolves when of a new pair one is MASTER and all others are BACKUP. Upstream's check script fails until the first
 * HAProxy is there, so that each keepalived is in FAULT for a while, and would not take over.
 *
 * @throws NotSettled
 */
export function pairSettled(fabric: Fabric, instances: readonly Instance[]): Promise<void> {
  return untilStates(fabric, instances, (states) => {
    const masters = states.filter((state) => state === 'MASTER');
    const backups = states.filter((state) => state === 'BACKUP');
    return masters.length === 1 && masters.length + backups.length === states.length;
  });
}

/**
 * Resolves when the last states of all keepalived are as wanted; undefined is one that has not been started.
 *
 * @throws NotSettled with the states that were seen last
 */
export async function untilStates(
  fabric: Fabric,
  instances: readonly Instance[],
  wanted: (states: readonly (VrrpState | undefined)[]) => boolean,
): Promise<void> {
  const states = new Map<string, VrrpState | undefined>(instances.map(({ name }) => [name, undefined]));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const journals = instances.map((instance) => {
    const journal = followJournal(fabric, instance, '--unit=octavia-keepalived', '--output=cat');
    createInterface({ input: journal }).on('line', (line) => {
      const state = /Entering (BACKUP|MASTER|FAULT) STATE/.exec(line)?.[1];
      if (!state) return;
      states.set(instance.name, state as VrrpState);
      if (wanted([...states.values()])) resolve();
    });
    return journal;
  });
  const limit = setTimeout(() => {
    const seen = [...states].map(([name, state]) => `${name}: ${state ?? 'not started'}`).join(', ');
    reject(
      new NotSettled(`keepalived is not where it should be after ${STATES_LIMIT_MS / 1000} s: ${seen}.`),
    );
  }, STATES_LIMIT_MS);
  fabric.ended.then(() => reject(new LabGone()));
  try {
    await promise;
  } finally {
    clearTimeout(limit);
    for (const journal of journals) journal.destroy();
  }
}
