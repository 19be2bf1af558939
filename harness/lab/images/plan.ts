import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../project.ts';
import type { System } from '../../system/system.ts';
import { baseImage, ownRelease } from './base.ts';
import { bundle } from './bundle.ts';
import type { Checkout } from './octavia-checkout.ts';
import { octaviaLayers } from './octavia-layers.ts';
import { type ImageFile, readRootfs } from './recipe.ts';
import { type ImageStack, type Layer, stacked } from './stack.ts';

/** The image that the fabric's containers are started from: the same for each system under test. */
export async function planFabric(): Promise<ImageStack> {
  const [base, node, daemon] = await Promise.all([
    ownRelease().then((release) => baseImage(release)),
    nodeLayer(),
    bundle('harness/lab/fabric/daemon.ts'),
  ]);
  const fabric: Layer = {
    role: 'fabric',
    dockerfile: [
      'COPY daemon.mjs /opt/fabric/daemon.mjs',
      'STOPSIGNAL SIGTERM',
      'ENTRYPOINT ["/usr/local/bin/node", "/opt/fabric/daemon.mjs"]',
      'CMD []',
    ],
    files: [{ path: 'daemon.mjs', mode: 0o644, content: daemon }],
  };
  return stacked(base, [node, fabric]);
}

/**
 * The image that amphorae of a system are started from.
 *
 * @param checkout what is laid over Debian's Octavia
 */
export async function planAmphora(
  { octavia, release }: Pick<System, 'octavia' | 'release'>,
  checkout?: Checkout,
): Promise<ImageStack> {
  const own = octavia.kind === 'own';
  const [base, common] = await Promise.all([
    baseImage(release ?? (await ownRelease()), own ? undefined : 'octavia'),
    rootfs('amphora'),
  ]);
  const layers = own ? await ownLayers(common) : await octaviaLayers(common, checkout);
  return stacked(base, layers);
}

/** Where an image has the testbed's own agent. */
export const OWN_AGENT = '/opt/amphora-agent/agent.mjs';

/** The testbed's own agent. */
async function ownLayers(common: readonly ImageFile[]): Promise<readonly Layer[]> {
  const [node, agent, own] = await Promise.all([nodeLayer(), bundle('src/agent/main.ts'), rootfs('own')]);
  const amphora: Layer = {
    role: 'amphora',
    dockerfile: [
      'COPY rootfs/ /',
      `COPY agent.mjs ${OWN_AGENT}`,
      // Compiled code starts the agent in half the time.
      `RUN NODE_COMPILE_CACHE=/opt/amphora-agent/cache node ${OWN_AGENT} compile`,
    ],
    files: [...common, ...own, { path: 'agent.mjs', mode: 0o644, content: agent }],
  };
  return [node, amphora];
}

/**
 * The image that machines of a pair of configurations are started from: keepalived and HAProxy as Debian installs them.
 *
 * @param packages Debian packages besides
 */
export async function planPlain(
  { release }: Pick<System, 'release'>,
  packages: readonly string[],
): Promise<ImageStack> {
  const [base, files] = await Promise.all([
    baseImage(release ?? (await ownRelease()), 'plain', packages),
    rootfs('plain'),
  ]);
  const plain: Layer = {
    role: 'amphora',
    dockerfile: [
      'COPY rootfs/ /',
      // What an amphora's image leaves out to boot faster, a user's machine has: its settings, and /run/haproxy.
      'RUN systemctl unmask systemd-sysctl.service systemd-tmpfiles-setup.service dbus.service dbus.socket' +
        ' && systemctl enable keepalived.service haproxy.service lab-network.service && mkfifo /usr/lib/lab/nics',
    ],
    files,
  };
  return stacked(base, [plain]);
}

function rootfs(folder: string): Promise<readonly ImageFile[]> {
  return readRootfs(join(PROJECT_ROOT, 'images', folder, 'rootfs'), 'rootfs');
}

async function nodeLayer(): Promise<Layer> {
  const { version } = JSON.parse(
    await readFile(join(PROJECT_ROOT, 'node_modules/node/package.json'), 'utf8'),
  );
  return {
    role: 'node',
    dockerfile: ['COPY node /usr/local/bin/node'],
    files: [],
    large: {
      // Hashing its 120 MB costs more than all the rest.
      standIn: `${version} ${process.arch}`,
      files: async () => [{ path: 'node', mode: 0o755, content: await readFile(nodeBinary()) }],
    },
  };
}

/** The Node that npm installed for this system; npm puts the platform's package beside or below `node`. */
function nodeBinary(): string {
  const platform = `node-${process.platform}-${process.arch}/bin/node`;
  const places = ['node/bin/node', platform, `node/node_modules/${platform}`];
  const found = places
    .map((place) => join(PROJECT_ROOT, 'node_modules', place))
    .find((path) => existsSync(path));
  if (!found) {
    throw new Error('node_modules holds no Node for the images: run `npm ci`, with install scripts allowed');
  }
  return found;
}
