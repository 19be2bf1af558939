import { readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { contentsOf } from './contents.ts';
import { controlGroups } from './control-group.ts';

/**
 * Ends what an engine that was killed has left running below its folder for sockets: the shims, the processes of their
 * containers, and their control groups. The engine that follows it ends those that it finds in its records; one that
 * was being started is not among them.
 */
export function endShims(exec: string): void {
  const address = join(exec, 'containerd', 'containerd.sock');
  const shims = readdirSync('/proc').flatMap((pid) => {
    const words = (contentsOf(join('/proc', pid, 'cmdline')) ?? '').split('\0');
    const id = words[words.indexOf('-id') + 1];
    return words[0]?.includes('containerd-shim') && words.includes(address) && id
      ? [{ pid: Number(pid), id }]
      : [];
  });
  const groups = controlGroups(new Set(shims.map(({ id }) => id)));
  for (const group of groups) killAllIn(group);
  for (const { pid } of shims) kill(pid);
  for (const group of groups) removeGroup(group);
}

/** The processes of a control group and of those below it. */
function killAllIn(group: string): void {
  for (const pid of (contentsOf(join(group, 'cgroup.procs')) ?? '').split('\n').map(Number)) {
    // 0 is a process that cannot be seen from here; kill(2) would take it for this process group.
    if (pid > 1) kill(pid);
  }
  for (const folder of below(group)) killAllIn(folder);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone.
  }
}

/** With those below it; a group whose processes are still ending is left to the engine. */
function removeGroup(group: string): void {
  for (const folder of below(group)) removeGroup(folder);
  try {
    rmdirSync(group);
  } catch {
    // In use, or gone.
  }
}

function below(group: string): readonly string[] {
  try {
    return readdirSync(group, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(group, name));
  } catch {
    return [];
  }
}
