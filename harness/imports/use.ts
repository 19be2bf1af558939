/** `node --import use.ts?FOLDER`: the process finds its modules sooner, its libraries in the folder. */
import { folderIn, importSooner } from './hooks.ts';

importSooner(folderIn(import.meta.url));
