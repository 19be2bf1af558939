import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { contentsOf } from '../engine/contents.ts';
import { pathIn, rootOf } from './machine-files.ts';
import type { KeepalivedDump, KeepalivedRequest } from './protocol.ts';

/** Where keepalived writes what SIGUSR1 asks for (keepalived(8)). */
const DUMP = '/tmp/keepalived.data';
/** Scripts are written after the instances, interfaces after these. */
const LAST = '< Interfaces >';
const LIMIT_MS = 2000;
/** keepalived writes at once. */
const LOOK_AGAIN_MS = 5;

/**
 * Has a machine's keepalived write its state.
 *
 * @param path of the file, as keepalived sees it
 * @returns undefined where none runs, or none answers within 2 s
 */
export async function keepalivedDump(
  { pid: root, command }: KeepalivedRequest,
  path = DUMP,
): Promise<KeepalivedDump | undefined> {
  const pid = oldestKeepalived([root], new RegExp(command));
  if (pid === undefined) return undefined;
  // A unit may have a /tmp of its own.
  const file = pathIn(rootOf(pid), path);
  try {
    rmSync(file, { force: true });
    process.kill(pid, 'SIGUSR1');
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
  for (const untilMs = performance.now() + LIMIT_MS; performance.now() < untilMs; ) {
    // A watch would take one of the inotify instances, which bound how many labs there can be.
    await delay(LOOK_AGAIN_MS);
    const text = contentsOf(file);
    if (text?.includes(LAST)) return { pid, text };
  }
  return undefined;
}

/** Its parent tells its VRRP process. */
function oldestKeepalived(pids: readonly number[], command: RegExp): number | undefined {
  if (pids.length === 0) return undefined;
  const found = pids.find(
    (pid) =>
      contentsOf(`/proc/${pid}/comm`) === 'keepalived\n' &&
      command.test(contentsOf(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? ''),
  );
  return found ?? oldestKeepalived(pids.flatMap(childrenOf), command);
}

function childrenOf(pid: number): readonly number[] {
  return (contentsOf(`/proc/${pid}/task/${pid}/children`)?.match(/\d+/g) ?? []).map(Number);
}
