import { readFileSync, writeFileSync } from 'node:fs';
import type { Engine } from './engine.ts';

const INOTIFY_INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
/** Each systemd takes several; about eleven labs use up Linux' default of 128. */
export const INOTIFY_INSTANCES_WANTED = 1024;
/** How many inotify instances a user may have here; undefined where the system has no such limit. */
export function inotifyInstances(): number | undefined {
  try {
    return Number(readFileSync(INOTIFY_INSTANCES, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Raises that limit for the private engine's containers, which needs root; otherwise `setup --check` explains. */
export function raiseInotifyInstances(engine: Engine): void {
  const limit = inotifyInstances();
  if (engine.kind !== 'private' || limit === undefined || limit >= INOTIFY_INSTANCES_WANTED) return;
  try {
    writeFileSync(INOTIFY_INSTANCES, String(INOTIFY_INSTANCES_WANTED));
  } catch {
    // Without the right to change it, a lab reports when the limit is reached.
  }
}
