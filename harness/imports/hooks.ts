import { existsSync, realpathSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeFile, PACKED, PROJECT_ROOT } from '../project.ts';
import { type ProcessKind, readCode, readTable } from './tables.ts';

/** Where the testbed's own code lies, and AVA's; what people write in scenarios/ is left to Node, which says what is missing. */
const ROOT = urlOf('');
const OWN = ['src/', 'harness/'].map((folder) => ROOT + folder);
const AVA = urlOf('node_modules/ava');
const [CODE, FORMAT] = PACKED ? ['.js', 'module'] : ['.ts', 'module-typescript'];

/** Folders of bundles; without one, or where it has gone, what is in it is loaded as it lies in the sources or in node_modules. */
export interface Bundles {
  readonly libraries?: string | undefined;
  /** Holds the testbed's own code. */
  readonly code?: string | undefined;
  /** Whose bundles of the code are meant; by default those of a command line. */
  readonly kind?: ProcessKind;
}

let used: Bundles = {};

/**
 * Makes this process find its modules sooner from now on. An import of the testbed's own code by its path leads where the
 * path says: Node would ask for links and for package.json on the way, two hundred times. A library is loaded from its
 * bundle, and so is the testbed's own code.
 */
export function importSooner(bundles: Bundles): void {
  const libraries =
    bundles.libraries === undefined ? undefined : known(() => readTable(bundles.libraries ?? ''));
  const code =
    bundles.code === undefined || !libraries
      ? undefined
      : known(() => readCode(bundles.code ?? '')[bundles.kind ?? 'commands']);
  used = { libraries: libraries && bundles.libraries, code: code && bundles.code };
  const at = { libraries: urlOf(used.libraries ?? ''), code: urlOf(used.code ?? '') };
  const own = new Map(
    Object.entries(libraries?.own ?? {}).map(([name, file]) => [name, `${at.libraries}own/${file}`]),
  );
  const bundled = new Map([
    ...Object.entries(libraries?.ava ?? {}).map(
      ([path, file]) => [AVA + path, `${at.libraries}ava/${file}`] as const,
    ),
    ...Object.entries(code ?? {}).map(([path, file]) => [ROOT + path, at.code + file] as const),
  ]);
  const folders = [used.libraries && at.libraries, used.code && at.code].filter((url) => url !== undefined);
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL = '' } = context;
      const found = urlIn(specifier, parentURL);
      const entry = bundled.get(found);
      if (entry) return { url: entry, format: 'module', shortCircuit: true };
      if (folders.some((folder) => found.startsWith(folder)))
        return { url: found, format: 'module', shortCircuit: true };
      const isOwn = OWN.some((root) => parentURL.startsWith(root));
      if (isOwn && found.endsWith(CODE) && OWN.some((root) => found.startsWith(root)))
        return { url: found, format: FORMAT, shortCircuit: true };
      const library = isOwn ? own.get(specifier) : undefined;
      if (library !== undefined) return { url: library, format: 'module', shortCircuit: true };
      // From where the code would lie: a cache may be elsewhere.
      const fromCode = found === '' && used.code !== undefined && parentURL.startsWith(at.code);
      const resolved = next(specifier, fromCode ? { ...context, parentURL: ROOT } : context);
      const begun = bundled.get(resolved.url);
      return begun === undefined ? resolved : { url: begun, format: 'module', shortCircuit: true };
    },
  });
}

/** The address that an import by a path or by an address leads to; empty where it says a name. */
function urlIn(specifier: string, parentURL: string): string {
  if (specifier.startsWith('file:')) return specifier;
  return /^\.{0,2}\//.test(specifier) && parentURL !== '' ? new URL(specifier, parentURL).href : '';
}

/**
 * Arguments of Node that make a process find its modules as this one does.
 *
 * @param kind absent where the testbed's own code is to come from its sources: its tests load one module of it at a time
 */
export function likeThisProcess(kind?: ProcessKind): readonly string[] {
  const use = new URL(pathToFileURL(codeFile('harness/imports/use')));
  const { libraries, code } = used;
  for (const [name, value] of Object.entries({ libraries, ...(kind && code && { code, kind }) }))
    if (value !== undefined) use.searchParams.set(name, value);
  return ['--import', use.href];
}

/** The bundles that such an argument names. */
export function bundlesIn(url: string): Bundles {
  return Object.fromEntries(new URL(url).searchParams);
}

/** Undefined where it cannot be read. */
function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** As Node names what lies in a folder: node_modules may be a link. */
function urlOf(folder: string): string {
  const path = resolve(PROJECT_ROOT, folder);
  return pathToFileURL(`${existsSync(path) ? realpathSync(path) : path}/`).href;
}
