import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from '../../project.ts';
import type { System } from '../../system/system.ts';
import { baseImage, ownRelease } from './base.ts';
import { bundle } from './bundle.ts';
import { ImageBuildFailed } from './engine-output.ts';
import type { Checkout } from './octavia-checkout.ts';
import { octaviaLayers } from './octavia-layers.ts';
import { type ImageFile, listFile, parseList, readRootfs, WITHOUT_AUTHORITIES } from './recipe.ts';
import { type ImageStack, type Layer, stacked } from './stack.ts';

/**
 * A descriptor that is open when the daemon begins, so that its table has room for 256 files. Where a process of several threads
 * needs a larger one, the kernel has it wait 8 to 18 ms each time (expand_fdtable, fs/file.c), as if the machine stood still.
 */
const HIGH_FILE = 200;

/** The image that the fabric's containers are started from: the same for each system under test. */
export async function planFabric(): Promise<ImageStack> {
  const [base, node, daemon] = await Promise.all([
    ownRelease().then((release) => baseImage(release)),
    nodeLayer(),
    bundle('harness/lab/fabric/daemon'),
  ]);
  const fabric: Layer = {
    role: 'fabric',
    dockerfile: [
      'COPY daemon.cjs /opt/fabric/daemon.cjs',
      // It ends with its input, and leaves what was compiled.
      'ENV NODE_COMPILE_CACHE=/opt/fabric/cache',
      'RUN node /opt/fabric/daemon.cjs < /dev/null',
      'STOPSIGNAL SIGTERM',
      `ENTRYPOINT ["/bin/bash", "-c", "exec /usr/local/bin/node /opt/fabric/daemon.cjs ${HIGH_FILE}</dev/null"]`,
      'CMD []',
    ],
    files: [{ path: 'daemon.cjs', mode: 0o644, content: daemon }],
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
export const OWN_AGENT = '/opt/amphora-agent/agent.cjs';

/** The testbed's own agent. */
async function ownLayers(common: readonly ImageFile[]): Promise<readonly Layer[]> {
  const [node, agent, own, units] = await Promise.all([
    nodeLayer(),
    bundle('src/agent/main'),
    rootfs('own'),
    readFile(join(PROJECT_ROOT, 'images/own/units.list'), 'utf8'),
  ]);
  const amphora: Layer = {
    role: 'amphora',
    dockerfile: [
      'COPY units.list /tmp/units.list',
      'RUN cd /usr/lib/systemd/system && ls | grep -vxFf /tmp/units.list | xargs -d "\\n" rm -r' +
        ' && find . /etc/systemd/system -xtype l -delete && rm /tmp/units.list',
      'COPY rootfs/ /',
      // npm packs no symbolic links.
      'RUN systemctl enable amphora-agent',
      `COPY agent.cjs ${OWN_AGENT}`,
      // Compiled code starts the agent in half the time.
      `RUN NODE_COMPILE_CACHE=/opt/amphora-agent/cache node ${OWN_AGENT} compile`,
    ],
    files: [
      ...common,
      ...own,
      { path: 'agent.cjs', mode: 0o644, content: agent },
      listFile('units.list', parseList(units)),
    ],
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
    baseImage(release ?? (await ownRelease()), undefined, packages),
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

/**
 * Node reads the 120 authorities that it brings along as soon as its TLS is loaded: a sixth of what an agent's start takes.
 * OpenSSL's are read when a client needs them, and none here does. The agent's unit says the same: process 1 hands its
 * environment to no service.
 */
const AUTHORITIES_LATE = 'ENV NODE_OPTIONS=--use-openssl-ca';

async function nodeLayer(): Promise<Layer> {
  const { version, binary } = await nodeForImages();
  return {
    role: 'node',
    dockerfile: ['COPY node /usr/local/bin/node', AUTHORITIES_LATE, WITHOUT_AUTHORITIES],
    files: [],
    large: {
      // Hashing its 120 MB costs more than all the rest.
      standIn: `${version} ${process.arch}`,
      files: async () => [{ path: 'node', mode: 0o755, content: await readFile(binary) }],
    },
  };
}

/** The Node that npm installed for this system: images get the same as runs here. */
async function nodeForImages(): Promise<{ readonly version: string; readonly binary: string }> {
  const name = `node-linux-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
    return { version, binary: join(dirname(manifest), 'bin/node') };
  } catch (cause) {
    throw new ImageBuildFailed(
      `the images need the npm package ${name}, which is for Linux: install with optional dependencies, and run \`npm run setup\``,
      { cause },
    );
  }
}
