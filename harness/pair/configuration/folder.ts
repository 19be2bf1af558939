import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../usage-error.ts';
import { HAPROXY_CFG, KEEPALIVED_CONF, type Overlay, type OverlayFile } from './overlay.ts';
import { type Pair, type PairSettings, readPair } from './pair.ts';

/** The names that nodes may have. */
export const NODES = ['a', 'b', 'c', 'd', 'e'] as const;
/** Configurations and scripts are smaller; of larger files only the name matters. */
const TEXT_BYTES_MAX = 1024 * 1024;
const FILES_MAX = 10_000;

/** pair.yaml: what cannot be read from the configurations. */
const SETTINGS = z.strictObject({
  service: z
    .strictObject({
      port: z.int().min(1).max(65_535),
      protocol: z.enum(['http', 'https', 'tcp']).default('http'),
      path: z.string().startsWith('/').default('/'),
    })
    .optional(),
  packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/)).default([]),
});

/**
 * Reads the folder of a pair.
 *
 * @throws UsageError where there is no such folder, no node in it, or nothing to read
 * @throws UnreadableConfiguration with file and line
 */
export async function pairIn(folder: string): Promise<Pair> {
  const overlays = await overlaysIn(folder);
  return readPair(overlays, await settingsIn(folder));
}

/**
 * Reads the files of a pair's nodes.
 *
 * @throws UsageError where there is no such folder, no node in it, or nothing to read
 */
export async function overlaysIn(folder: string): Promise<readonly Overlay[]> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`There is no folder of a pair at "${folder}" (${cause.code}).`, { cause });
  });
  const nodes = NODES.filter((name) => names.includes(name));
  if (nodes.length === 0)
    throw new UsageError(`"${folder}" has no nodes: it must have the folders a and b, one for each machine.`);
  const overlays = await Promise.all(nodes.map((name) => overlayIn(folder, name)));
  const bare = overlays.find(({ files }) => !files.has(KEEPALIVED_CONF) && !files.has(HAPROXY_CFG));
  if (bare)
    throw new UsageError(
      `"${join(folder, bare.name)}" has nothing to read: it needs ${KEEPALIVED_CONF} or ${HAPROXY_CFG}.`,
    );
  return overlays;
}

async function overlayIn(folder: string, name: string): Promise<Overlay> {
  const root = join(folder, name);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new UsageError(`"${root}" cannot be read as the folder of a node (${cause.code}).`, { cause });
    },
  );
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  if (paths.length > FILES_MAX)
    throw new UsageError(
      `"${root}" has ${paths.length} files, more than ${FILES_MAX}: only those that you wrote belong into it.`,
    );
  const files = await Promise.all(
    paths.map(async (path) => [relative(root, path), await overlayFile(root, path)] as const),
  );
  return { name, files: new Map(files) };
}

/**
 * A link is followed as on the node, where `/` is the overlay. One that leads to what is not there is a file that a
 * package may bring: nothing is known of it, and rules leave it alone.
 */
async function overlayFile(root: string, path: string): Promise<OverlayFile> {
  const target = await readlink(path).catch(() => undefined);
  const real = target === undefined ? path : join(target.startsWith('/') ? root : dirname(path), target);
  const inside = real.startsWith(`${root}${sep}`);
  const status = inside ? await lstat(real).catch(() => undefined) : undefined;
  if (!status?.isFile()) return { text: '', executable: true };
  const text = status.size <= TEXT_BYTES_MAX ? await readFile(real, 'utf8').catch(() => '') : '';
  // root may execute what anybody may: the mode says what keepalived's user finds.
  return { text, executable: (status.mode & 0o111) !== 0 };
}

async function settingsIn(folder: string): Promise<PairSettings> {
  const path = join(folder, 'pair.yaml');
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return SETTINGS.parse(parse(text) ?? {});
  } catch (cause) {
    const [first] = cause instanceof z.ZodError ? cause.issues : [];
    const what = first ? `${first.path.join('.') || 'the file'}: ${first.message}` : (cause as Error).message;
    throw new UsageError(`${path} cannot be read: ${what.split('\n')[0]}`, { cause });
  }
}
