import { existsSync, realpathSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { codeFile, PACKED, PROJECT_ROOT } from '../project.ts';
import { type ImporterName, readTable, type Table } from './kept.ts';

/** Where the testbed's own code lies, and AVA's; what people write in scenarios/ is left to Node, which says what is missing. */
const OWN = ['src', 'harness'].map(urlOf);
const AVA = urlOf('node_modules/ava');
const [CODE, FORMAT] = PACKED ? ['.js', 'module'] : ['.ts', 'module-typescript'];

let used: string | undefined;

/**
 * Makes this process find its modules sooner from now on. An import of the testbed's own code by its path leads where the
 * path says: Node would ask for links and for package.json on the way, two hundred times. A library is loaded from its
 * bundle.
 *
 * @param folder of the bundles; without it, or where it has gone, libraries are loaded as npm installed them
 */
export function importSooner(folder: string | undefined): void {
  const libraries = folder === undefined ? undefined : tableIn(folder);
  if (libraries) used = folder;
  // What runs once, at the start, is dropped otherwise before the compile cache is written.
  setFlagsFromString('--no-flush-bytecode');
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = '' } = context;
      const isOwn = OWN.some((root) => parentURL.startsWith(root));
      if (/^\.\.?\//.test(specifier)) {
        const url = isOwn ? new URL(specifier, parentURL).href : '';
        return url.endsWith(CODE) && OWN.some((root) => url.startsWith(root))
          ? { url, format: FORMAT, shortCircuit: true }
          : next(specifier, context);
      }
      const importer: ImporterName | undefined = isOwn
        ? 'own'
        : parentURL.startsWith(AVA)
          ? 'ava'
          : undefined;
      const file = importer && libraries?.[importer][specifier];
      return file === undefined
        ? next(specifier, context)
        : { url: pathToFileURL(file).href, format: 'module', shortCircuit: true };
    },
  });
}

/** Arguments of Node that make a process find its modules as this one does. */
export function likeThisProcess(): readonly string[] {
  const use = pathToFileURL(codeFile('harness/imports/use')).href;
  return ['--import', used === undefined ? use : `${use}?${encodeURIComponent(used)}`];
}

/** The folder of the bundles that such an argument names. */
export function folderIn(url: string): string | undefined {
  return decodeURIComponent(new URL(url).search.slice(1)) || undefined;
}

/** Undefined where the folder has gone. */
function tableIn(folder: string): Table | undefined {
  try {
    return readTable(folder);
  } catch {
    return undefined;
  }
}

/** As Node names what lies there: node_modules may be a link. */
function urlOf(folder: string): string {
  const path = join(PROJECT_ROOT, folder);
  return pathToFileURL(`${existsSync(path) ? realpathSync(path) : path}/`).href;
}
