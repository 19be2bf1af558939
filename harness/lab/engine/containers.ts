import type { ContainerInfo } from 'dockerode';
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

/** Resolves when the engine has removed a container, for any reason. */
export async function containerGone(engine: Pick<Engine, 'docker'>, id: string): Promise<void> {
  await engine.docker
    .getContainer(id)
    .wait({ condition: 'removed' })
    .catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    });
}
