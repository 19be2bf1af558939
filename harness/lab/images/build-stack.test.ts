import test from 'ava';
import type { Engine } from '../engine/engine.ts';
import { buildStack } from './build-stack.ts';
import type { ImageStack } from './stack.ts';

/** Builds an image on a base that is there; what the engine is asked for. */
async function askedOf(name: string): Promise<Readonly<Record<string, unknown>>> {
  let asked = {};
  const docker = {
    getImage: (reference: string) => ({
      inspect: async () => {
        if (reference !== 'base') throw Object.assign(new Error('no such image'), { statusCode: 404 });
      },
    }),
    buildImage: async (_context: unknown, options: Record<string, unknown>) => (asked = options),
    modem: {
      followProgress: (_stream: unknown, ended: (error: null, output: unknown[]) => void) => ended(null, []),
    },
  };
  const layer = { reference: 'own', role: 'fabric', dockerfile: 'FROM base', files: async () => [] };
  const stack = { base: { reference: 'base' }, layers: [layer] } as unknown as ImageStack;
  await buildStack({ name, docker } as unknown as Engine, stack, () => {});
  return asked;
}

test('Podman commits an image once, and not after each of its instructions', async (t) => {
  t.like(await askedOf('Podman'), { t: 'own', networkmode: 'none', layers: false });
  t.false('layers' in (await askedOf('Docker')));
});
