import { enableCompileCache } from 'node:module';
import { COMPILE_CACHE } from '../project.ts';

// Half of a short command's time is compiling. Only what is imported from now on is cached, and so nothing else is
// imported here; the cache goes with node_modules.
enableCompileCache(COMPILE_CACHE);
const [{ importSooner }, { keptLibraries }] = await Promise.all([
  import('../imports/hooks.ts'),
  import('../imports/kept.ts'),
]);
importSooner(keptLibraries());
await import('./invocation.ts');
