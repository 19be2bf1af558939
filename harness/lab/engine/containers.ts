import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ContainerInfo } from 'dockerode';
import { ask, asLost } from './connection.ts';
import type { Engine } from './engine.ts';
import { isGone, LABEL, OWNER } from './labels.ts';

/** Containers of labs: by default of this checkout's. */
export function ourContainers(engine: Engine, label = `${LABEL.owner}=${OWNER}`): Promise<ContainerInfo[]> {
  return engine.docker.listContainers({
    all: true,
    filters: { label: [label, LABEL.lab] },
  });
}

/** Containers of labs that are this checkout's to remove: its own, and those of checkouts of this user's that are gone. */
export async function removableContainers(engine: Pick<Engine, 'docker'>): Promise<ContainerInfo[]> {
  const all = await engine.docker.listContainers({ all: true, filters: { label: [LABEL.lab] } });
  return all.filter(({ Labels }) => {
    const owner = Labels[LABEL.owner] ?? '';
    return owner === OWNER || isGone(owner);
  });
}

/** Removes a container in any state, and resolves when it has gone; a missing one is no error. */
export async function removeContainer(engine: Pick<Engine, 'docker'>, id: string): Promise<void> {
  try {
    await engine.docker.getContainer(id).remove({ force: true, v: true });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    // 409: the engine is already removing it.
    if (statusCode === 409) await containerGone(engine, id);
    else if (statusCode !== 404) throw error;
  }
}

/**
 * Resolves when the engine has removed a container, for any reason.
 *
 * Docker never answers who begins to wait just when it removes the container (moby, container/state.go, SetRemovalError: what
 * ends a wait is made anew by then). It says at once that it waits: what is missing after that is gone.
 *
 * @throws EngineConnectionLost, or the engine's error
 */
export async function containerGone({ docker }: Pick<Engine, 'docker'>, id: string): Promise<void> {
  let waiting: Readable | undefined;
  try {
    waiting = (await ask(docker, {
      ...{ path: `/containers/${id}/wait?`, method: 'POST', isStream: true },
      options: { _query: { condition: 'removed' }, _body: {} },
    })) as Readable;
    const removed = finished(waiting.resume());
    removed.catch(() => {});
    await docker.getContainer(id).inspect();
    await removed;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 404) throw asLost(error as Error);
  } finally {
    waiting?.destroy();
  }
}
