import { readFileSync, writeFileSync } from 'node:fs';
import type { Engine } from './engine.ts';

const INOTIFY_INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
/** Each systemd takes several; Linux' default of 128 is spent by about eleven labs. */
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
    // Not ours to change: a lab says so when it is spent.
  }
}
