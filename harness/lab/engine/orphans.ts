import { removableContainers, removeContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { LABEL } from './labels.ts';

/** A container that is just being started passes through the same states. */
const ORPHAN_AGE_S = 60;

/**
 * Removes orphans, also those of checkouts that are gone: containers that never started, and amphorae without a fabric.
 *
 * @param ageS how old an orphan is at least; 0 where nobody else builds labs
 */
export async function sweepOrphans(
  engine: Pick<Engine, 'docker'>,
  ageS: number = ORPHAN_AGE_S,
): Promise<void> {
  const found = await removableContainers(engine);
  const alive = new Set(
    found
      .filter(({ Labels, State }) => Labels[LABEL.role] === 'fabric' && State === 'running')
      .map(({ Labels }) => Labels[LABEL.lab]),
  );
  const orphans = found.filter(
    ({ State, Created, Labels }) =>
      (State !== 'running' || !alive.has(Labels[LABEL.lab])) && Date.now() / 1000 - Created >= ageS,
  );
  await Promise.all(orphans.map(({ Id }) => removeContainer(engine, Id)));
}
