import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { controlGroups } from './control-group.ts';

/**
 * Ends what an engine that was killed has left running below its folder for sockets: the shims, the processes of their
 * containers, and their control groups. The engine that follows it ends those that it finds in its records; one that
 * was being started is not among them.
 */
export function endShims(exec: string): void {
  const address = join(exec, 'containerd', 'containerd.sock');
  const shims = readdirSync('/proc').flatMap((pid) => {
    const words = contents(join('/proc', pid, 'cmdline')).split('\0');
    const id = words[words.indexOf('-id') + 1];
    return words[0]?.includes('containerd-shim') && words.includes(address) && id
      ? [{ pid: Number(pid), id }]
      : [];
  });
  const groups = controlGroups(new Set(shims.map(({ id }) => id)));
  for (const group of groups) {
    for (const pid of contents(join(group, 'cgroup.procs')).split('\n')) if (pid) kill(Number(pid));
  }
  for (const { pid } of shims) kill(pid);
  for (const group of groups) removeGroup(group);
}

function contents(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone.
  }
}

/** With those below it; one whose processes are still ending is left to the engine. */
function removeGroup(folder: string): void {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeGroup(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // In use, or gone.
  }
}
