/** `node --import use.ts?libraries=FOLDER&code=FOLDER`: the process finds its modules sooner, in those bundles. */
import { bundlesIn, importSooner } from './hooks.ts';

importSooner(bundlesIn(import.meta.url));
