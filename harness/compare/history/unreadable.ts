/** The history cannot be read, or not by this version; the file was left as it is. */
export class UnreadableHistory extends Error {
  override readonly name = 'UnreadableHistory';
}
