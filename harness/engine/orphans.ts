import { readFileSync, writeFileSync } from 'node:fs';
import type { ContainerInfo } from 'dockerode';
import type { Engine } from './engine.ts';
import { LABEL, OWNER } from './labels.ts';

const INOTIFY_INSTANCES = '/proc/sys/fs/inotify/max_user_instances';
/** Each systemd takes several; Linux' default of 128 is spent by about eleven labs. */
export const INOTIFY_INSTANCES_WANTED = 1024;
/** A container that is just being started passes through the same states. */
const ORPHAN_AGE_S = 60;

/** Containers of this checkout's labs. */
export function ourContainers(engine: Engine): Promise<ContainerInfo[]> {
  return engine.docker.listContainers({
    all: true,
    filters: { label: [`${LABEL.owner}=${OWNER}`, LABEL.lab] },
  });
}

/** Removes what a killed harness left in the moment between creating and starting a container. */
export async function sweepOrphans(engine: Engine): Promise<void> {
  const found = await ourContainers(engine);
  const orphans = found.filter(
    ({ State, Created }) =>
      (State === 'created' || State === 'exited') && Date.now() / 1000 - Created > ORPHAN_AGE_S,
  );
  await Promise.all(orphans.map(({ Id }) => removeContainer(engine, Id)));
}

/** Removes a container whatever it does; one that has gone meanwhile is no error. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  await engine.docker
    .getContainer(id)
    .remove({ force: true, v: true })
    .catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
    });
}

/** How many inotify instances a user may have here; undefined where the system has no such limit. */
export function inotifyInstances(): number | undefined {
  try {
    return Number(readFileSync(INOTIFY_INSTANCES, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Raises that limit for our own engine's containers, as root alone can; elsewhere `setup --check` explains. */
export function raiseInotifyInstances(engine: Engine): void {
  const limit = inotifyInstances();
  if (engine.kind !== 'private' || limit === undefined || limit >= INOTIFY_INSTANCES_WANTED) return;
  try {
    writeFileSync(INOTIFY_INSTANCES, String(INOTIFY_INSTANCES_WANTED));
  } catch {
    // Not ours to change: a lab says so when it is spent.
  }
}
