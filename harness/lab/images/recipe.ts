import { createHash } from 'node:crypto';
import { type Dirent, existsSync } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { USR_LINKS } from '../../pair/configuration/files.ts';

/**
 * The images, each made from the one before it: base ← node ← amphora and fabric; a builder, which is made from a base of
 * its own, compiles what the user gives as source.
 */
export type ImageRole = 'base' | 'node' | 'amphora' | 'fabric' | 'builder';

/** A file or symbolic link as it goes into an image, owned by root. */
export interface ImageFile {
  /** Path in the build context, with slashes and without a leading one. */
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer | { readonly linkTo: string };
}

/**
 * HAProxy reads all certificate authorities whenever it starts or checks a configuration, for an HTTP client of its own
 * (`httpclient.ssl.ca-file`): two thirds of its start. Neither an amphora nor the fabric asks anybody who needs them; a machine
 * of a pair keeps them, as its haproxy.cfg may name them.
 */
export const WITHOUT_AUTHORITIES = 'RUN rm -rf /etc/ssl/certs/*';

/**
 * The reference under which an image with these inputs is known: `amphora-testbed/amphora:<12 hex>`. Equal
 * inputs give equal references on each machine; the order of the files does not matter.
 */
export function imageReference(
  role: ImageRole,
  inputs: { readonly from: string; readonly text: readonly string[]; readonly files: readonly ImageFile[] },
): string {
  const hash = createHash('sha256');
  // Lengths precede values, so that different lists of inputs never give the same bytes.
  const add = (value: string | Buffer) => hash.update(`${Buffer.byteLength(value)}:`).update(value);
  add(inputs.from);
  add(String(inputs.text.length));
  for (const text of inputs.text) {
    add(text);
  }
  for (const { path, mode, content } of [...inputs.files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    add(path);
    add(mode.toString(8));
    add(Buffer.isBuffer(content) ? content : `-> ${content.linkTo}`);
  }
  return `amphora-testbed/${role}:${hash.digest('hex').slice(0, 12)}`;
}

/**
 * All files below a folder, as they go to the root of an image; none where there is no such folder. Modes
 * are 755 or 644, as git knows no others, so that a checkout's umask does not change the image.
 *
 * @throws when a file lies where the base has a link into /usr, or is a symbolic link
 */
export async function readRootfs(folder: string, prefix: string): Promise<ImageFile[]> {
  if (!existsSync(folder)) {
    return [];
  }
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry: Dirent) => {
        const source = join(entry.parentPath, entry.name);
        const path = relative(folder, source).replaceAll('\\', '/');
        const top = path.split('/')[0] ?? '';
        // Copying a folder of that name would replace the link.
        if (USR_LINKS.has(top)) {
          throw new Error(`${source}: /${top} is a link in the image; put the file below usr/${top}`);
        }
        if (entry.isSymbolicLink()) {
          throw new Error(`${source}: npm packs no symbolic links; let a command of the image make it`);
        }
        const executable = ((await lstat(source)).mode & 0o100) !== 0;
        return {
          path: `${prefix}/${path}`,
          mode: executable ? 0o755 : 0o644,
          content: await readFile(source),
        };
      }),
  );
}

/** The build context as a tar stream; times are fixed, so that the builder's cache sees equal files as equal. */
export function buildContext(files: readonly ImageFile[]): Readable {
  return archiveOf(files, new Date(0));
}

/** Files as a tar stream that root owns. */
export function archiveOf(files: readonly ImageFile[], mtime = new Date()): Readable {
  const tar = pack();
  for (const { path, mode, content } of files) {
    const header = { name: path, mode, uid: 0, gid: 0, mtime };
    if (Buffer.isBuffer(content)) {
      tar.entry(header, content);
    } else {
      tar.entry({ ...header, type: 'symlink', linkname: content.linkTo });
    }
  }
  tar.finalize();
  return Readable.from(tar);
}

/** The names in a list of images/, such as one of packages: one a line, `#` begins a comment. */
export function parseList(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/** A list as it goes into an image: comments change none. */
export function listFile(path: string, names: readonly string[]): ImageFile {
  return { path, mode: 0o644, content: Buffer.from(names.map((name) => `${name}\n`).join('')) };
}
