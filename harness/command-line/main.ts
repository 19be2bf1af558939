import { enableCompileCache } from 'node:module';
import { COMPILE_CACHE } from '../project.ts';

// Half of a short command's time is compiling. Only what is imported from now on is cached, and so nothing else is
// imported here; the cache goes with node_modules.
enableCompileCache(COMPILE_CACHE);
const [{ importSooner }, { keptCode }, { keptLibraries }] = await Promise.all([
  import('../imports/hooks.ts'),
  import('../imports/kept-code.ts'),
  import('../imports/kept.ts'),
]);
const libraries = keptLibraries();
importSooner({ libraries, code: keptCode(libraries) });
await import('./invocation.ts');
