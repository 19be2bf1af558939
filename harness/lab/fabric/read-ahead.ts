import { startProgram } from './start-program.ts';

/** keepalived and HAProxy with their libraries (ldd(1)). */
const PROGRAMS =
  'set -- /usr/sbin/keepalived /usr/sbin/haproxy; cat "$@" $(ldd "$@" | grep -o "/[^ :]*" | sort -u)';

/**
 * Has the kernel read what a machine's keepalived and HAProxy consist of. What was never used on this host is read from
 * the disk at its first use, which may be the failover: on a slow disk that took hundreds of milliseconds.
 *
 * @param pid of the machine's first process
 */
export function readAhead(pid: number): void {
  // Where it does not work, the first use of each is slower; the witness of waits tells by how much.
  startProgram('chroot', [`/proc/${pid}/root`, 'sh', '-c', PROGRAMS], { stdio: 'ignore' }).on(
    'error',
    () => {},
  );
}
