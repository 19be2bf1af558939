import { modulesIn } from '../project.ts';
import type { Argument } from './argument.ts';
import type { Act, AnyAct } from './deed.ts';
import type { Word } from './word.ts';

/** What undoes a fault, at once. */
export interface Heal<
  Name extends string = string,
  Takes extends readonly Argument[] = readonly Argument[],
  Does = AnyAct,
> extends Word<Takes> {
  readonly name: Name;
  readonly act: Does;
}

/** Does harm: strikes at the run's phase after an advertisement of the master. */
export interface Fault<
  Name extends string = string,
  Takes extends readonly Argument[] = readonly Argument[],
  Does = AnyAct,
  Repair extends Heal | undefined = Heal | undefined,
> extends Word<Takes> {
  readonly name: Name;
  readonly act: Does;
  /** Undefined where it is over by itself. */
  readonly heal: Repair;
  /** Absent where exploration leaves it alone. */
  readonly explore?: Explored;
}

/** How exploration uses a fault and its repair. */
export interface Explored {
  /** What is the matter then: with an amphora where the fault takes one, otherwise with the pair. */
  readonly ailment: string;
  /** What it is given before the amphora. */
  readonly given?: readonly string[];
  /** What must not be the matter with the amphora before, as it would not answer. */
  readonly unless?: readonly string[];
}

export function heal<
  const Name extends string,
  const Takes extends readonly Argument[],
  Does extends Act<Takes>,
>(definition: Heal<Name, Takes, Does>): Heal<Name, Takes, Does> {
  return definition;
}

export function fault<
  const Name extends string,
  const Takes extends readonly Argument[],
  Does extends Act<Takes>,
  Repair extends Heal | undefined,
>(definition: Fault<Name, Takes, Does, Repair>): Fault<Name, Takes, Does, Repair> {
  defined.add(definition);
  return definition;
}
const defined = new WeakSet<object>();

/** Each file in harness/faults/ adds its fault: a story's vocabulary has its types from here. */
// biome-ignore lint/suspicious/noEmptyInterface: the files of the faults fill it.
export interface FaultWords {}

/**
 * Loads the faults of a folder, a file each, by name.
 *
 * @throws where a file does not export the fault that it is named after, or exploration could not undo it
 */
export async function faultsIn(folder: string): Promise<Readonly<Record<string, Fault>>> {
  const faults = modulesIn(folder).map(async ({ name, file }) => {
    const exported = ((await import(file)) as { readonly default?: Fault }).default;
    const wanted = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!exported || !defined.has(exported) || exported.name !== wanted)
      throw new Error(`${file} must say export default fault({ name: '${wanted}', … }).`);
    if (exported.explore && !exported.heal)
      throw new Error(`${file}: exploration repairs what it breaks; ${wanted} has no heal.`);
    return [wanted, exported] as const;
  });
  return Object.fromEntries(await Promise.all(faults));
}

/** The repairs of faults, each once, by name. */
export function healsOf(faults: Readonly<Record<string, Fault>>): Readonly<Record<string, Heal>> {
  return Object.fromEntries(Object.values(faults).flatMap(({ heal }) => (heal ? [[heal.name, heal]] : [])));
}
