import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join } from 'node:path';

/** Root folder of this checkout, or of its compiled copy in the npm package. */
export const PROJECT_ROOT = join(import.meta.dirname, '..');

/** How files of code end: Node strips no types below node_modules, so the package holds JavaScript. */
const CODE = extname(import.meta.filename);

/** Whether this is the npm package: then reports and scenarios lie in the user's folder. */
export const PACKED = CODE === '.js';

/** Where Node keeps compiled code of the command line and of the runs. */
export const COMPILE_CACHE = PACKED
  ? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'amphora-testbed')
  : join(PROJECT_ROOT, 'node_modules/.cache/amphora-testbed');

/** A file of code by its path from the root, without its ending. */
export function codeFile(path: string): string {
  return join(PROJECT_ROOT, `${path}${CODE}`);
}

/** The modules that lie in a folder by name: neither tests nor declarations of types. */
export function modulesIn(
  folder: string,
  code: string = CODE,
): readonly { readonly name: string; readonly file: string }[] {
  const ending = new RegExp(`^([\\w-]+)${RegExp.escape(code)}$`);
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const name = ending.exec(file)?.[1];
      return name === undefined ? [] : [{ name, file: join(folder, file) }];
    });
}

/** The user's working directory: npm runs commands in the package's folder, and keeps it in INIT_CWD. */
export function userFolder(): string {
  return process.env.INIT_CWD ?? process.cwd();
}
