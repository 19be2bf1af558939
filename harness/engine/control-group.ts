import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Below the root of each hierarchy: parent of the containers of our own engine. */
export const CONTROL_GROUP = 'amphora-testbed';

const ROOT = '/sys/fs/cgroup';

/**
 * Gives the containers of our own engine their processor before what builds and judges labs beside them: a
 * failover is measured as undisturbed as it can be. Without the controller, or the right to set it, labs share
 * alike with the rest.
 */
export function prepareControlGroup(): void {
  // cgroups(7): cpu.shares, 1024 by default, with version 1; cpu.weight, 100 by default, with version 2.
  const [folder, file, most] = existsSync(join(ROOT, 'cgroup.controllers'))
    ? [join(ROOT, CONTROL_GROUP), 'cpu.weight', '10000']
    : [join(ROOT, 'cpu', CONTROL_GROUP), 'cpu.shares', '65536'];
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), most);
  } catch {
    // Fair shares, then.
  }
}
