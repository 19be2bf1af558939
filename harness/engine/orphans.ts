import { ourContainers, removeContainer } from './containers.ts';
import type { Engine } from './engine.ts';

/** A container that is just being started passes through the same states. */
const ORPHAN_AGE_S = 60;

/** Removes what a killed harness left in the moment between creating and starting a container. */
export async function sweepOrphans(engine: Engine): Promise<void> {
  const found = await ourContainers(engine);
  const orphans = found.filter(
    ({ State, Created }) =>
      (State === 'created' || State === 'exited') && Date.now() / 1000 - Created > ORPHAN_AGE_S,
  );
  await Promise.all(orphans.map(({ Id }) => removeContainer(engine, Id)));
}
