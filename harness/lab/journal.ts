import type { Readable } from 'node:stream';
import type { Instance } from './compute.ts';
import type { Fabric } from './fabric/fabric.ts';

/** Where journald holds a journal in memory (journald.conf(5), `Storage=volatile`). */
const FOLDER = '/run/log/journal';

/**
 * The journal of an amphora since its boot, and what is added to it, until the stream is destroyed.
 *
 * Without the amphora's pid namespace its /proc has no `self` for journalctl, whose inotify watches then fail in
 * silence: it would write what is there, and never follow. systemd stops all processes for a moment when it shuts
 * down (SIGSTOP): an nsenter that forks stops itself as well then, for ever, and leaves a zombie by which the
 * namespace cannot end. A shell just waits.
 *
 * In the first moments of a boot journald has made no folder yet, and journalctl never looks for one that came later: it
 * would follow nothing, in silence.
 */
export function followJournal(
  fabric: Fabric,
  { pid }: Pick<Instance, 'pid'>,
  ...options: readonly string[]
): Readable {
  const follow = ['journalctl', '--follow', '--no-tail', '--boot', ...options].join(' ');
  const script = `test -d ${FOLDER} || mkdir -p ${FOLDER}; ${follow}; exit`;
  return fabric.stream(
    ...['nsenter', '--target', String(pid), '--mount', '--pid', '--no-fork', 'sh', '-c', script],
  );
}
