import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { codeFile } from '../project.ts';

/** What scenarios outside of the repository import: always the testbed that runs them, wherever it is installed. */
const PACKAGE = 'amphora-testbed';
let registered = false;

/**
 * Loads a scenario's file. Where it lies outside of the testbed, it needs no package.json beside it: its TypeScript is
 * taken for a module.
 */
export async function importScenario(file: string): Promise<{ readonly default?: unknown }> {
  if (!registered) {
    registered = true;
    const entry = pathToFileURL(codeFile('harness/scenario/entry')).href;
    registerHooks({
      resolve(specifier, context, next) {
        if (specifier === PACKAGE) return next(entry, context);
        const resolved = next(specifier, context);
        return /^file:(?!.*\/node_modules\/).*\.ts$/.test(resolved.url)
          ? { ...resolved, format: 'module-typescript' }
          : resolved;
      },
    });
  }
  return import(pathToFileURL(file).href);
}
