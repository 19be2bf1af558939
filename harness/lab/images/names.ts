import type { ImageInfo } from 'dockerode';

/** Registries that engines put before the names of images that have none: Docker leaves them out, Podman shows them. */
const IMPLIED = /^(?:docker\.io\/library\/|docker\.io\/|localhost\/)/;

/** The names of images without what an engine adds: equal names are equal images, whichever engine lists them. */
export function namesOf(images: readonly Pick<ImageInfo, 'RepoTags'>[]): readonly string[] {
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).map((name) => name.replace(IMPLIED, ''));
}
