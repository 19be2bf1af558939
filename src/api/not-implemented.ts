/** A call of Octavia's that this controller leaves out (501). */
export class NotImplemented extends Error {
  override readonly name = 'NotImplemented';
}
