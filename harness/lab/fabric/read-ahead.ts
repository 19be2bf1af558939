import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { pathIn, rootOf } from './machine-files.ts';
import { startProgram } from './start-program.ts';

const PROGRAMS = ['/usr/sbin/keepalived', '/usr/sbin/haproxy'];
/** Programs with their libraries (ldd(1)). */
const READ = 'cat "$@" $(ldd "$@" | grep -o "/[^ :]*" | sort -u)';

/**
 * Has the kernel read what a machine's keepalived and HAProxy consist of. What was never used on this host is read from
 * the disk at its first use, which may be the failover: on a slow disk that took hundreds of milliseconds. Programs that
 * are in memory as a whole were read here before, with their libraries.
 *
 * @param pid of the machine's first process
 */
export async function readAhead(pid: number): Promise<void> {
  const root = rootOf(pid);
  if (await inMemory(PROGRAMS.map((path) => pathIn(root, path)))) return;
  // Where it does not work, the first use of each is slower; the witness of waits tells by how much.
  startProgram('chroot', [root, 'sh', '-c', READ, 'sh', ...PROGRAMS], { stdio: 'ignore' }).on(
    'error',
    () => {},
  );
}

/** Whether the page cache holds all of each file (fincore(1)); false where nobody knows. */
export async function inMemory(files: readonly string[]): Promise<boolean> {
  const options = ['--bytes', '--noheadings', '--output', 'RES,SIZE'];
  const fincore = startProgram('fincore', [...options, ...files], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [said] = await Promise.all([text(fincore.stdout), once(fincore, 'close')]);
    const sizes = said.match(/\d+ +\d+/g) ?? [];
    const whole = sizes.filter((line) => {
      const [held = 0, size = 0] = line.split(/ +/).map(Number);
      return held >= size;
    });
    return whole.length === files.length;
  } catch {
    // The image has no such program.
    return false;
  }
}
