import type { Machine } from '../machine.ts';
import { type Identity, machineDifferences, systemDifferences } from './identity.ts';
import type { Hello } from './order.ts';

/** The workers at a queue, as a night sees them. */
export interface Roll {
  readonly serving: readonly Hello[];
  /** Labs of all that serve. */
  readonly labs: number;
  /** Machines that differ, of those that serve. */
  readonly machines: readonly Machine[];
  /** Who serves, and why the others do not. */
  sentence(queue: string): string;
}

/**
 * Tells workers apart: those that test another system never serve, those on another kind of machine only where that is
 * wanted.
 *
 * @param machine that of the night's first run; undefined where the first worker decides
 */
export function rollOf(
  hellos: readonly Hello[],
  identity: Identity,
  machine: Machine | undefined,
  mixed: boolean,
): Roll {
  const equal = hellos.filter((hello) => systemDifferences(identity, hello).length === 0);
  const wanted = machine ?? equal[0]?.machine;
  const others = hellos.flatMap((hello) => {
    const differences = [
      ...systemDifferences(identity, hello),
      ...(mixed || !wanted ? [] : machineDifferences(wanted, hello.machine)),
    ];
    return differences.length > 0 ? [`${hello.name} differs in ${differences.join(', ')}`] : [];
  });
  const serving = equal.filter(
    (hello) => mixed || !wanted || machineDifferences(wanted, hello.machine).length === 0,
  );
  const labs = serving.reduce((sum, hello) => sum + hello.labs, 0);
  return {
    serving,
    labs,
    machines: distinct(serving.map((hello) => hello.machine)),
    sentence: (queue) =>
      [
        serving.length === 0
          ? `no worker serves ${queue} with this system: start one with npm run worker -- --queue`
          : `${serving.length === 1 ? 'one worker serves' : `${serving.length} workers serve`} ${queue}: ${serving.map(({ name, labs: n }) => `${name} (${n === 1 ? 'one lab' : `${n} labs`})`).join(', ')}`,
        ...others,
      ].join('; '),
  };
}

/** Each machine once, in an order that does not depend on who came first. */
export function distinct(machines: readonly Machine[]): readonly Machine[] {
  const known = new Map(machines.map((machine) => [JSON.stringify(machine), machine]));
  return [...known].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, machine]) => machine);
}
