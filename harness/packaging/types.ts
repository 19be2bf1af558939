import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { modulesIn, PROJECT_ROOT } from '../project.ts';

const ENTRY = 'harness/scenario/entry.d.ts';
const FAULTS = 'harness/faults';
/** `import Docker, { type ContainerInfo } from 'dockerode'`, in all its forms. */
const IMPORT = /^import (?:type )?(\w+)?(?:, )?(?:\{ ([^}]+) \})? ?from '([@a-z][^']*)'/gm;

/**
 * Makes the declarations below a folder complete: each fault adds its word, and libraries that are bundled without their
 * types have any.
 *
 * @param apart libraries with types of their own
 */
export async function finishTypes(dist: string, apart: readonly string[]): Promise<void> {
  const faults = modulesIn(join(PROJECT_ROOT, FAULTS)).map(
    ({ name }) => `import '${relative(dirname(ENTRY), FAULTS)}/${name}.ts';\n`,
  );
  const text = await readFile(join(dist, ENTRY), 'utf8');
  await writeFile(join(dist, ENTRY), `/// <reference types="node" />\n${faults.join('')}${text}`);
  const used = new Map<string, Set<string>>();
  for await (const path of glob('**/*.d.ts', { cwd: dist })) {
    for (const [, standard, named = '', library = ''] of (await readFile(join(dist, path), 'utf8')).matchAll(
      IMPORT,
    )) {
      if (apart.includes(library) || library.startsWith('node:')) continue;
      const names = named.split(', ').map((name) => name.replace(/^type /, ''));
      const all = used.get(library) ?? used.set(library, new Set()).get(library);
      for (const name of [...(standard ? ['default'] : []), ...names]) if (name) all?.add(name);
    }
  }
  for (const [library, names] of used) {
    await mkdir(join(dist, 'node_modules', library), { recursive: true });
    await writeFile(join(dist, 'node_modules', library, 'index.d.ts'), untyped([...names]));
  }
}

/** Declares types by name, without saying what they are. */
function untyped(names: readonly string[]): string {
  return names
    .map((name) =>
      name === 'default'
        ? 'type Standard = any;\nexport default Standard;\n'
        : `export type ${name} = any;\n`,
    )
    .join('');
}
