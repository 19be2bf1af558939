import { setTimeout as delay } from 'node:timers/promises';
import { eachLine } from '../streams/lines.ts';
import type { Fabric } from './fabric/fabric.ts';
import { followJournal } from './journal.ts';
import type { Machine } from './lab.ts';
import { inAmphora } from './namespaces.ts';

const RETURN_LIMIT_MS = 30_000;

/** A machine that was given its power back does not take part again. */
export class NotReturned extends Error {
  override readonly name = 'NotReturned';
}

/**
 * Resolves when a machine that boots has started its services, and the journal of keepalived's unit says that it takes
 * part again.
 *
 * @throws NotReturned
 */
export async function takesPart(
  fabric: Fabric,
  instance: Pick<Machine, 'name' | 'pid'>,
  { unit, as }: { readonly unit: string; readonly as: RegExp },
): Promise<void> {
  const booted = `timeout ${RETURN_LIMIT_MS / 1000} systemctl is-system-running --wait || true`;
  await fabric.run({ argv: inAmphora(instance, 'sh', '-c', booted) });
  const journal = followJournal(fabric, instance, `--unit=${unit}`);
  const limit = new AbortController();
  const { promise: entered, resolve } = Promise.withResolvers<boolean>();
  eachLine(journal, (line) => as.test(line) && resolve(true)).then(() => resolve(false));
  const late = delay(RETURN_LIMIT_MS, false, { signal: limit.signal }).catch(() => false);
  try {
    if (await Promise.race([entered, late])) return;
    throw new NotReturned(
      `${instance.name} got its power back and did not take part again within ${RETURN_LIMIT_MS / 1000} s.`,
    );
  } finally {
    limit.abort();
    journal.destroy();
  }
}
