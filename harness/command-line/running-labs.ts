import { closest } from 'fastest-levenshtein';
import { ourContainers } from '../lab/engine/containers.ts';
import type { Engine } from '../lab/engine/engine.ts';
import { LABEL } from '../lab/engine/labels.ts';
import { UsageError } from '../usage-error.ts';
import { takes } from './options.ts';

/** Which lab a command works in. */
export function labName() {
  return takes('--lab <name>', 'Works in the lab of this name.', { otherwise: 'the only one' });
}

type Containers = Awaited<ReturnType<typeof ourContainers>>;

/** The containers of each lab that is up, by its name. */
export async function runningLabs(engine: Engine): Promise<ReadonlyMap<string, Containers>> {
  const running = (await ourContainers(engine)).filter(({ State }) => State === 'running');
  return Map.groupBy(running, ({ Labels }) => Labels[LABEL.lab] ?? '');
}

/**
 * The containers of the lab with this name, or of the only one.
 *
 * @throws UsageError
 */
export function chooseLab(labs: ReadonlyMap<string, Containers>, name: string | undefined): Containers {
  const names = [...labs.keys()];
  if (names.length === 0) throw new UsageError('No lab is up: start one with `npm run lab -- up`.');
  if (name === undefined && names.length > 1)
    throw new UsageError(`Several labs are up; name one of ${names.join(', ')}.`);
  const chosen = labs.get(name ?? names[0] ?? '');
  if (!chosen)
    throw new UsageError(`There is no lab "${name}"; the nearest is ${closest(name ?? '', names)}.`);
  return chosen;
}

/** A node's name within its lab. */
export function nodeName({ Names, Labels }: Containers[number]): string {
  const name = Names[0]?.replace(/^\//, '') ?? '';
  return name.replace(`${Labels[LABEL.lab]}-`, '');
}
