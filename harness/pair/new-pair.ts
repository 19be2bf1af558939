import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../usage-error.ts';
import { NODES } from './configuration/folder.ts';
import { HAPROXY_CFG, KEEPALIVED_CONF } from './configuration/overlay.ts';

export interface NewPair {
  readonly folder: string;
  /** One for each node. */
  readonly keepalived: readonly string[];
  /** One for all nodes, or one for each. */
  readonly haproxy: readonly string[];
}

const SETTINGS = `# What cannot be read from the configurations. All of it may be left out.
# service:
#   port: 80
#   protocol: http
#   path: /
# packages: [psmisc]
`;

/**
 * Makes the folder of a pair from its configuration files.
 *
 * @returns the folders of the nodes
 * @throws UsageError where files are missing, too many, or the folder has something in it
 */
export async function makePair({ folder, keepalived, haproxy }: NewPair): Promise<readonly string[]> {
  if (keepalived.length < 2 || keepalived.length > NODES.length)
    throw new UsageError(
      `--keepalived takes 2 to ${NODES.length} files, one for each node; found ${keepalived.length}.`,
    );
  if (haproxy.length > 1 && haproxy.length !== keepalived.length)
    throw new UsageError(
      `--haproxy takes one file for all nodes, or ${keepalived.length}, one for each; found ${haproxy.length}.`,
    );
  const there = await readdir(folder).catch(() => []);
  if (there.length > 0) throw new UsageError(`"${folder}" has something in it already: name a new folder.`);
  const nodes = NODES.slice(0, keepalived.length);
  for (const [n, node] of nodes.entries()) {
    await copy('--keepalived', keepalived[n], join(folder, node, KEEPALIVED_CONF));
    if (haproxy.length > 0)
      await copy('--haproxy', haproxy[n] ?? haproxy[0], join(folder, node, HAPROXY_CFG));
  }
  await writeFile(join(folder, 'pair.yaml'), SETTINGS);
  return nodes.map((node) => join(folder, node));
}

async function copy(flag: string, from = '', to: string): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
  } catch (cause) {
    throw new UsageError(
      `${flag}: "${from}" cannot be copied to "${to}" (${(cause as NodeJS.ErrnoException).code}).`,
      {
        cause,
      },
    );
  }
}
