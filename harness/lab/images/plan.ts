import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../project.ts';
import { type BaseRecipe, baseInputs } from './base.ts';
import { bundle } from './bundle.ts';
import { type ImageFile, imageReference, readRootfs } from './recipe.ts';

/** An image that copies files onto another. */
export interface CopiedImage {
  readonly reference: string;
  readonly dockerfile: string;
  /** The build context, apart from the Dockerfile. */
  files(): Promise<readonly ImageFile[]>;
}

/** All images that this checkout needs, with their build contexts. */
export interface ImagePlan {
  readonly base: BaseRecipe & { readonly reference: string };
  readonly node: CopiedImage;
  readonly amphora: CopiedImage;
  readonly fabric: CopiedImage;
}

/** Reads the recipes and bundles the programs: some 100 ms. */
export async function planImages(): Promise<ImagePlan> {
  const [recipe, agent, daemon, rootfs, nodeVersion] = await Promise.all([
    baseInputs(),
    bundle('src/agent/main.ts'),
    bundle('harness/lab/fabric/daemon.ts'),
    readRootfs(join(PROJECT_ROOT, 'images/amphora/rootfs'), 'rootfs'),
    installedNodeVersion(),
  ]);
  const base = { ...recipe, reference: imageReference('base', { from: '', ...recipe }) };

  const nodeDockerfile = `FROM ${base.reference}\nCOPY node /usr/local/bin/node\n`;
  const node = {
    // The version stands for the binary: hashing its 120 MB costs more than all the rest.
    reference: imageReference('node', {
      from: base.reference,
      text: [nodeDockerfile, nodeVersion, process.arch],
      files: [],
    }),
    dockerfile: nodeDockerfile,
    files: async () => [{ path: 'node', mode: 0o755, content: await readFile(nodeBinary()) }],
  };

  const hasRootfs = rootfs.length > 0;
  const amphora = copied('amphora', node.reference, {
    dockerfile: [
      `FROM ${node.reference}`,
      ...(hasRootfs ? ['COPY rootfs/ /'] : []),
      'COPY agent.mjs /opt/amphora-agent/agent.mjs',
      // Compiled code starts the agent in half the time.
      'RUN NODE_COMPILE_CACHE=/opt/amphora-agent/cache node /opt/amphora-agent/agent.mjs compile',
    ],
    files: [...rootfs, { path: 'agent.mjs', mode: 0o644, content: agent }],
  });
  const fabric = copied('fabric', node.reference, {
    dockerfile: [
      `FROM ${node.reference}`,
      'COPY daemon.mjs /opt/fabric/daemon.mjs',
      'STOPSIGNAL SIGTERM',
      'ENTRYPOINT ["/usr/local/bin/node", "/opt/fabric/daemon.mjs"]',
      'CMD []',
    ],
    files: [{ path: 'daemon.mjs', mode: 0o644, content: daemon }],
  });
  return { base, node, amphora, fabric };
}

function copied(
  role: 'amphora' | 'fabric',
  from: string,
  { dockerfile, files }: { dockerfile: readonly string[]; files: readonly ImageFile[] },
): CopiedImage {
  const text = `${dockerfile.join('\n')}\n`;
  return {
    reference: imageReference(role, { from, text: [text], files }),
    dockerfile: text,
    files: async () => files,
  };
}

async function installedNodeVersion(): Promise<string> {
  const { version } = JSON.parse(
    await readFile(join(PROJECT_ROOT, 'node_modules/node/package.json'), 'utf8'),
  );
  return version;
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
