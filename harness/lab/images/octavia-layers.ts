import { join } from 'node:path';
import { PROJECT_ROOT } from '../../project.ts';
import type { Engine } from '../engine/engine.ts';
import type { Checkout } from './octavia-checkout.ts';
import { readFromImage } from './read-from-image.ts';
import { type ImageFile, readRootfs, WITHOUT_AUTHORITIES } from './recipe.ts';
import type { Layer } from './stack.ts';

/** Where a base image keeps the versions of packages that were only unpacked: `python3-octavia<tab>16.0.0-2`. */
const VERSIONS = '/usr/lib/unpacked-packages';

/**
 * Upstream's agent as Debian packages it, and what diskimage-builder's elements would bring.
 *
 * @param checkout is laid over Debian's package
 */
export async function octaviaLayers(
  common: readonly ImageFile[],
  checkout?: Checkout,
): Promise<readonly Layer[]> {
  const rootfs = await readRootfs(join(PROJECT_ROOT, 'images/octavia/rootfs'), 'rootfs');
  const debian: Layer = {
    role: 'amphora',
    dockerfile: [
      // Its unit for the namespace applies all of sysctl.d: Debian's own files there would change the engine's host.
      'RUN rm -f /usr/lib/sysctl.d/* /etc/sysctl.d/* /etc/sysctl.conf',
      WITHOUT_AUTHORITIES,
      'COPY rootfs/ /',
      // npm packs no symbolic links.
      'RUN systemctl enable amphora-agent && ln -s lvs-masquerade.sh /usr/local/bin/octavia-agent-lvs-masquerade',
      `RUN ${CHECK}`,
    ],
    files: [...common, ...rootfs],
  };
  return checkout ? [debian, checkoutLayer(checkout)] : [debian];
}

/** Fails with a sentence where the agent imports what no package brings. */
const CHECK = 'octavia-image check';

function checkoutLayer({ files, described }: Checkout): Layer {
  // pbr asks the installed package for its version, and wants three numbers.
  const version = /^\d+\.\d+\.\d+/.exec(described)?.[0] ?? '0.0.0';
  return {
    role: 'amphora',
    dockerfile: [
      'COPY octavia/ /tmp/octavia/',
      `RUN octavia-image lay-over /tmp/octavia ${version} && rm -r /tmp/octavia && ${CHECK}`,
    ],
    files: files.map((file) => ({ ...file, path: `octavia/${file.path}` })),
  };
}

/**
 * What a report says of an image's Octavia: `16.0.0-2 of Debian trixie`, and what is laid over it. Changes that are not
 * committed have no name but the image's: other changes are another system.
 */
export async function octaviaPart(
  engine: Engine,
  image: string,
  release: string,
  checkout?: Checkout,
): Promise<string> {
  const [, version = ''] = (await readFromImage(engine, image, VERSIONS))?.trim().split('\t') ?? [];
  const packaged = `${version} of Debian ${release}`;
  if (!checkout) return packaged;
  const { commit, described, changed } = checkout;
  const at = described.includes(commit.slice(0, 7)) ? described : `${described} (${commit})`;
  return `${at}${changed ? ` with uncommitted changes (image ${image.split(':').at(-1)})` : ''}, over ${packaged}`;
}
