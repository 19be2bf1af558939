/** The images of this checkout have not been built. */
export class ImagesMissing extends Error {
  override readonly name = 'ImagesMissing';
}
