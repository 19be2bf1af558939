/**
 * A fault planted in the system itself: what a change under review could do wrong. Scenarios have to notice it.
 * It alters a file in the amphorae.
 */
export interface Mutation {
  readonly name: string;
  /** What the system does wrong then, in a clause. */
  readonly says: string;
  /** Which file, and whom it concerns. */
  readonly file: MutatedFile;
  /** The file's text, made wrong; the text is empty where the file is new. */
  readonly alter: (text: string) => string;
  /** The scenarios that are made to notice it. */
  readonly aims: readonly string[];
}

/**
 * Configurations are put back once they have been read, so that the model, which reads them, is not told.
 * The check script stays: keepalived reads it when it uses it. Drop-ins are part of the image.
 */
export type MutatedFile =
  | 'keepalived.conf'
  | 'haproxy.cfg'
  | 'check script'
  | 'drop-in of haproxy'
  | 'drop-in of keepalived'
  | 'drop-in of the agent';
