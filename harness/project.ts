import { join } from 'node:path';

/** Root folder of this checkout. */
export const PROJECT_ROOT = join(import.meta.dirname, '..');

/** Where Node keeps compiled code of the command line and of the runs. */
export const COMPILE_CACHE = join(PROJECT_ROOT, 'node_modules/.cache/amphora-testbed');
