import type { Readable } from 'node:stream';
import type { Instance } from './compute.ts';
import type { Fabric } from './fabric/fabric.ts';

/**
 * The journal of an amphora since its boot, and what is added to it, until the stream is destroyed.
 *
 * Without the amphora's pid namespace its /proc has no `self` for journalctl, whose inotify watches then fail in
 * silence: it would write what is there, and never follow. systemd stops all processes for a moment when it shuts
 * down (SIGSTOP): an nsenter that forks stops itself as well then, for ever, and leaves a zombie by which the
 * namespace cannot end. A shell just waits.
 */
export function followJournal(
  fabric: Fabric,
  { pid }: Pick<Instance, 'pid'>,
  ...options: readonly string[]
): Readable {
  const follow = ['journalctl', '--follow', '--no-tail', '--boot', ...options].join(' ');
  return fabric.stream(
    ...['nsenter', '--target', String(pid), '--mount', '--pid', '--no-fork', 'sh', '-c', `${follow}; exit`],
  );
}
