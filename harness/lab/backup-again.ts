import { setTimeout as delay } from 'node:timers/promises';
import { eachLine } from '../streams/lines.ts';
import type { Instance } from './compute.ts';
import type { Fabric } from './fabric/fabric.ts';
import { followJournal } from './journal.ts';
import { inAmphora } from './namespaces.ts';

const RETURN_LIMIT_MS = 30_000;

/** An amphora that was given its power back did not become a backup. */
export class NotReturned extends Error {
  override readonly name = 'NotReturned';
}

/**
 * Resolves when an amphora that boots has started its services, and keepalived has entered the BACKUP state.
 *
 * @throws NotReturned
 */
export async function backupAgain(fabric: Fabric, instance: Instance): Promise<void> {
  const booted = `timeout ${RETURN_LIMIT_MS / 1000} systemctl is-system-running --wait || true`;
  await fabric.run({ argv: inAmphora(instance, 'sh', '-c', booted) });
  const journal = followJournal(fabric, instance, '--unit=octavia-keepalived');
  const limit = new AbortController();
  const { promise: entered, resolve } = Promise.withResolvers<boolean>();
  eachLine(journal, (line) => line.includes('Entering BACKUP STATE') && resolve(true)).then(() =>
    resolve(false),
  );
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
