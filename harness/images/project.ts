import { join } from 'node:path';

/** Root folder of this checkout. */
export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');
