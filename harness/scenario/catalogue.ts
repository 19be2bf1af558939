import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { PROJECT_ROOT } from '../images/project.ts';
import { UsageError } from './parameters.ts';
import type { Scenario } from './scenario.ts';

const FOLDER = join(PROJECT_ROOT, 'scenarios');

/** All scenarios, by name. */
export async function catalogue(): Promise<readonly Scenario[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(
    files.map(async (file) => ((await import(join(FOLDER, file))) as { default: Scenario }).default),
  );
}

/**
 * The scenarios of these names, each once.
 *
 * @throws UsageError
 */
export async function scenariosNamed(names: readonly string[]): Promise<readonly Scenario[]> {
  const all = await catalogue();
  const known = all.map(({ name }) => name);
  if (names.length === 0) throw new UsageError(`Name a scenario; --list shows all ${known.length}.`);
  return [...new Set(names)].map((name) => {
    const found = all.find((scenario) => scenario.name === name);
    if (found) return found;
    throw new UsageError(
      `There is no scenario "${name}"; the nearest is ${closest(name, known)}, and --list shows all ${known.length}.`,
    );
  });
}
