import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Below the root of each hierarchy: parent of the private engine's containers. */
export const CONTROL_GROUP = 'amphora-testbed';

const ROOT = '/sys/fs/cgroup';

/**
 * Gives the private engine's containers the processor before the processes that build and judge labs: a
 * failover is measured as undisturbed as it can be. Without the controller, or the right to set it, labs get
 * equal shares.
 *
 * @param root where control groups are mounted
 */
export function prepareControlGroup(root: string = ROOT): void {
  // cgroups(7): cpu.shares, 1024 by default, with version 1; cpu.weight, 100 by default, with version 2.
  const [folder, file, most] = existsSync(join(root, 'cgroup.controllers'))
    ? [join(root, CONTROL_GROUP), 'cpu.weight', '10000']
    : [join(root, 'cpu', CONTROL_GROUP), 'cpu.shares', '65536'];
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), most);
  } catch {
    // Fair shares, then.
  }
}

/** Folders of control groups that bear one of these names, in any hierarchy. */
export function controlGroups(containerIds: ReadonlySet<string>, root: string = ROOT): readonly string[] {
  if (!existsSync(root)) return [];
  const hierarchies = ['', ...readdirSync(root)];
  const parents = hierarchies.flatMap((hierarchy) => [
    join(root, hierarchy, CONTROL_GROUP),
    join(root, hierarchy, 'docker'),
    join(root, hierarchy, 'system.slice'),
  ]);
  return parents
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
    .filter((path) => containerIds.has(/[0-9a-f]{64}/.exec(basename(path))?.[0] ?? ''));
}
