import { OWN_RENDERERS, type Renderers } from '../../../src/driver/renderers.ts';
import type { SystemUnderTest } from '../../system/under-test.ts';
import type { Engine } from '../engine/engine.ts';
import { startOctaviaRenderers } from './octavia-renderers.ts';
import { withTexts } from './own-texts.ts';
import type { NameOf } from './text-values.ts';

/**
 * What renders the configurations of a system: the testbed's templates or those of the image's Octavia, and the
 * system's own texts in their place.
 */
export async function openRenderers(
  engine: Engine,
  lab: string,
  images: { readonly amphora: string; readonly system: SystemUnderTest },
  nameOf: NameOf,
): Promise<Renderers & AsyncDisposable> {
  const { agent, texts } = images.system;
  await using stack = new AsyncDisposableStack();
  const renderers =
    agent === 'octavia'
      ? stack.use(await startOctaviaRenderers(engine, { lab, image: images.amphora }))
      : OWN_RENDERERS;
  const disposal = stack.move();
  return {
    ...withTexts(renderers, texts, nameOf),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}
