import { readFile } from 'node:fs/promises';
import type { Settings } from '../../../src/domain/settings.ts';
import type { Renderers } from '../../../src/driver/renderers.ts';
import { UsageError } from '../../usage-error.ts';
import { startAttached } from '../engine/attached.ts';
import { removeContainer } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { PythonRenderer, RENDERER } from './python-renderer.ts';

/** What a report says of them. */
export const RENDERED_BY_OCTAVIA =
  "by Octavia's own renderers; HAProxy's connection limit is what the machine's limit of open files holds";

/** Octavia's own renderers do not know what was asked for; the message says what. */
export class NotInOctavia extends UsageError {}

/** @throws NotInOctavia */
export function requireInOctavia({ profile, keepalived_vrrp, split }: Settings): void {
  const [what, instead] =
    keepalived_vrrp.vrrp_version !== 2
      ? [`VRRP version ${keepalived_vrrp.vrrp_version}`, 'take vrrp_version=2']
      : profile !== 'current'
        ? [`the profile ${profile}`, 'take profile=current']
        : split
          ? ['one HAProxy for each listener', 'leave --split out']
          : [];
  if (what === undefined) return;
  throw new NotInOctavia(`Octavia's own renderers do not write ${what}: ${instead}, or octavia=own.`);
}

/**
 * Starts the renderers of an image's own Octavia, in a container of that image beside the amphorae: what is done to an
 * amphora does not touch it, it has no network and, while nothing is rendered, takes no processor time. It ends with
 * its input, thus with this process. Its imports go on after this resolves.
 */
export async function startOctaviaRenderers(
  engine: Engine,
  { lab, image }: { readonly lab: string; readonly image: string },
): Promise<Renderers & AsyncDisposable> {
  const { containerId, streams, stderr } = await startAttached(
    engine,
    { lab, role: 'renderers' },
    {
      Image: image,
      Entrypoint: ['python3', '-W', 'ignore', '-c', await readFile(RENDERER, 'utf8')],
      Cmd: [],
      // The same text each time, where a template goes through a set.
      Env: ['PYTHONHASHSEED=0'],
      HostConfig: { CapDrop: ['ALL'], Tmpfs: { '/tmp': 'rw' } },
    },
  );
  const renderer = new PythonRenderer({ input: streams, output: streams, errors: stderr });
  return Object.assign(renderer, {
    [Symbol.asyncDispose]: () => removeContainer(engine, containerId),
  });
}
