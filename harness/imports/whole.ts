/**
 * A kind of process whose code and libraries are one script, of which V8 keeps what it has compiled. Node keeps a module
 * as it was before it ran, and so each process compiles anew what it calls; here a process that has done its work leaves
 * all that it called to the next one.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { loaded, type Parts, setLoaded, type Whole } from './compiled.ts';

/** What the script is: a function. */
type Script = (
  require: NodeJS.Require,
  /** Imports a file whose name is known when the script runs. */
  importFile: (file: string) => Promise<object>,
  give: (parts: Parts) => void,
  __filename: string,
  __dirname: string,
) => void;

/**
 * Gives a file out of a script, which is loaded with the first of them.
 *
 * @param script made by `bundleWhole`
 * @param file its path
 */
export function partOf(script: URL, file: string): Promise<object> {
  if (!loaded()) setLoaded(load(fileURLToPath(script)));
  return importFile(file);
}

function importFile(file: string): Promise<object> {
  return loaded()?.parts[file]?.() ?? import(file);
}

function load(file: string): Whole {
  const kept = `${file}.compiled`;
  const cachedData = read(kept);
  // It is ASCII: read as that, it takes one byte a character.
  const script = new vm.Script(readFileSync(file, 'latin1'), {
    filename: file,
    ...(cachedData && { cachedData }),
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  // V8 refuses what another version of it has compiled, or one with other flags.
  let isKept = cachedData !== undefined && !script.cachedDataRejected;
  let parts: Parts = {};
  const give = (given: Parts) => {
    parts = given;
  };
  (script.runInThisContext() as Script)(createRequire(file), importFile, give, file, dirname(file));
  return {
    parts,
    keep() {
      if (isKept) return;
      isKept = true;
      write(kept, script.createCachedData());
    },
  };
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function write(file: string, content: Buffer): void {
  const partial = `${file}.${process.pid}`;
  try {
    writeFileSync(partial, content);
    renameSync(partial, file);
  } catch {
    // The folder has gone, or is not to be written in: then the next process compiles for itself, too.
  }
}
