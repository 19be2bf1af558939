import { setTimeout as delay } from 'node:timers/promises';
import { eachLine } from '../streams/lines.ts';
import type { Fabric } from './fabric/fabric.ts';
import { followJournal } from './journal.ts';
import type { Machine } from './lab.ts';
import { inAmphora } from './namespaces.ts';
import { sentences } from './unit-now.ts';

const RETURN_LIMIT_MS = 30_000;

/** A machine that was given its power back does not take part again; the message has the state of keepalived's unit and the end of its journal. */
export class NotReturned extends Error {
  override readonly name = 'NotReturned';
}

/**
 * Resolves when the journal of keepalived's unit says that a machine that boots takes part again, and all its services
 * have started.
 *
 * @throws NotReturned
 */
export async function takesPart(
  fabric: Fabric,
  instance: Pick<Machine, 'name' | 'pid'>,
  { unit, as }: { readonly unit: string; readonly as: RegExp },
): Promise<void> {
  const journal = followJournal(fabric, instance, `--unit=${unit}`);
  const said: string[] = [];
  const limit = new AbortController();
  const { promise: over, resolve } = Promise.withResolvers<Return>();
  eachLine(journal, (line) => {
    said.push(line);
    if (as.test(line)) resolve('returned');
  }).then(() => resolve('ended'));
  const late = delay(RETURN_LIMIT_MS, 'late' as const, { signal: limit.signal });
  late.catch(() => {});
  try {
    const outcome = await Promise.race([over, late]);
    if (outcome !== 'returned') {
      const state = ['systemctl', 'show', unit, '--property=ActiveState,SubState,Result'];
      const [asked] = await fabric.attempt({ argv: inAmphora(instance, ...state) });
      throw new NotReturned(notReturned(instance.name, { outcome, unit, state: asked?.stdout ?? '', said }));
    }
  } finally {
    limit.abort();
    journal.destroy();
  }
  // Not before: systemd cannot be asked yet when a boot begins.
  const booted = `timeout ${RETURN_LIMIT_MS / 1000} systemctl is-system-running --wait || true`;
  await fabric.run({ argv: inAmphora(instance, 'sh', '-c', booted) });
}

type Return = 'returned' | 'ended' | 'late';

/**
 * Why a machine does not take part.
 *
 * @param state what `systemctl show` tells of the unit; empty where systemd does not answer
 * @param said the journal of the unit
 */
export function notReturned(
  machine: string,
  seen: {
    readonly outcome: Exclude<Return, 'returned'>;
    readonly unit: string;
    readonly state: string;
    readonly said: readonly string[];
  },
): string {
  const { outcome, unit, state, said } = seen;
  const how =
    outcome === 'late'
      ? `did not take part again within ${RETURN_LIMIT_MS / 1000} s`
      : 'did not take part again before its journal ended';
  return `${machine} got its power back and ${how}. ${sentences(unit, state, said)}`;
}
