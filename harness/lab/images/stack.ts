import type { BaseImage } from './base.ts';
import { type ImageFile, type ImageRole, imageReference } from './recipe.ts';

/** An image that copies files onto another. */
export interface CopiedImage {
  readonly role: ImageRole;
  readonly reference: string;
  readonly dockerfile: string;
  /** The build context, apart from the Dockerfile. */
  files(): Promise<readonly ImageFile[]>;
}

/** What a layer puts onto the image before it. */
export interface Layer {
  readonly role: ImageRole;
  /** Lines of its Dockerfile, after the one that names the image before it. */
  readonly dockerfile: readonly string[];
  readonly files: readonly ImageFile[];
  /** Files that are too large to be read for the reference, and what stands for them there. */
  readonly large?: { readonly standIn: string; files(): Promise<readonly ImageFile[]> };
}

/** Debian packages, and images that are each made from the one before it. */
export interface ImageStack {
  readonly base: BaseImage;
  readonly layers: readonly CopiedImage[];
}

/** The image that containers are started from. */
export function topOf({ base, layers }: ImageStack): string {
  return layers.at(-1)?.reference ?? base.reference;
}

/** All images of a stack, the base first. */
export function referencesOf({ base, layers }: ImageStack): readonly string[] {
  return [base, ...layers].map(({ reference }) => reference);
}

/** Names each image by what it is made of and by the image before it. */
export function stacked(base: BaseImage, layers: readonly Layer[]): ImageStack {
  return extended({ base, layers: [] }, layers);
}

/** A stack with more layers on top. */
export function extended(stack: ImageStack, layers: readonly Layer[]): ImageStack {
  let from = topOf(stack);
  const images = layers.map(({ role, dockerfile, files, large }): CopiedImage => {
    const text = `FROM ${from}\n${dockerfile.join('\n')}\n`;
    const inputs = { from, text: [text, ...(large ? [large.standIn] : [])], files };
    const reference = imageReference(role, inputs);
    from = reference;
    return {
      ...{ role, reference, dockerfile: text },
      files: async () => [...files, ...((await large?.files()) ?? [])],
    };
  });
  return { base: stack.base, layers: [...stack.layers, ...images] };
}
