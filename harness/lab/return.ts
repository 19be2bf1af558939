import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { PATHS } from '../../src/templates/paths.ts';
import type { Fabric } from '../fabric/fabric.ts';
import type { Instance } from './compute.ts';
import { inAmphora } from './enter.ts';

const RETURN_LIMIT_MS = 30_000;

/** An amphora that was given its power back did not become a backup. */
export class NotReturned extends Error {
  override readonly name = 'NotReturned';
}

/**
 * Resolves when an amphora that has booted anew has its services, and keepalived has entered the BACKUP state.
 *
 * What a power loss leaves behind can keep keepalived from starting: its pid file lies on the disk, and where
 * another process has that number now, keepalived takes itself for running and ends (2.2.7, "daemon is already
 * running"). It is started again without that file then.
 *
 * @throws NotReturned
 */
export async function backupAgain(fabric: Fabric, instance: Instance): Promise<void> {
  const start = [
    'systemctl is-system-running --wait',
    `pgrep --exact keepalived || { rm -f ${PATHS.vrrp.pid}; systemctl restart octavia-keepalived; }`,
  ];
  await fabric.run({ argv: inAmphora(instance, 'sh', '-c', `{ ${start.join('; ')}; } >/dev/null`) });
  // A shell that stays: see Observers about namespaces and journalctl.
  const follow = 'journalctl --follow --no-tail --boot --unit=octavia-keepalived; exit';
  const argv = [
    'nsenter',
    '--target',
    String(instance.pid),
    '--mount',
    '--pid',
    '--no-fork',
    'sh',
    '-c',
    follow,
  ];
  const journal = fabric.stream(...argv);
  const limit = new AbortController();
  const entered = new Promise<boolean>((resolve) => {
    createInterface({ input: journal })
      .on('line', (line) => line.includes('Entering BACKUP STATE') && resolve(true))
      .on('close', () => resolve(false));
  });
  const late = delay(RETURN_LIMIT_MS, false, { signal: limit.signal }).catch(() => false);
  try {
    if (await Promise.race([entered, late])) return;
    throw new NotReturned(
      `${instance.name} got its power back and did not become a backup within ${RETURN_LIMIT_MS / 1000} s.`,
    );
  } finally {
    limit.abort();
    journal.destroy();
  }
}
