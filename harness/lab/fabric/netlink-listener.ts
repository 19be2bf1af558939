import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { contentsOf } from '../engine/contents.ts';

/** The kernel tells nobody who begins to listen, and the program itself says nothing until something changes. */
const LOOK_AGAIN_MS = 2;
const NO_GROUPS = '00000000';

/** Resolves when a process hears of changes that others make (netlink(7)); with false where it ended before. */
export async function untilHearing(pid: number): Promise<boolean> {
  for (;;) {
    const table = contentsOf(`/proc/${pid}/net/netlink`);
    if (table === undefined) return false;
    const own = socketsOf(pid);
    if (listening(table).some((inode) => own.includes(inode))) return true;
    await delay(LOOK_AGAIN_MS);
  }
}

/** Inodes of the sockets that are in a multicast group, by the kernel's table of a network namespace. */
function listening(table: string): readonly string[] {
  const [header = '', ...lines] = table.trim().split('\n');
  const columns = header.trim().split(/\s+/);
  const [groups, inode] = [columns.indexOf('Groups'), columns.indexOf('Inode')];
  return lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[groups] === NO_GROUPS ? [] : (fields[inode] ?? []);
  });
}

function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap(
      (fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [],
    );
  } catch {
    // It has ended, or closed one of them meanwhile.
    return [];
  }
}
