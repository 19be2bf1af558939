/**
 * A defect that is made in the system itself, as a change under review could make it. Scenarios have to notice it.
 * It alters a file in the amphorae.
 */
export interface Mutation {
  readonly name: string;
  /** What the system does wrong, in a clause. */
  readonly says: string;
  /** The file that it alters. */
  readonly file: MutatedFile;
  /** The altered text of the file; the given text is empty where the file is new. */
  readonly alter: (text: string) => string;
  /** The scenarios that should notice it. */
  readonly aims: readonly string[];
}

/**
 * Configurations are restored once they have been read, so that the model, which reads them too, does not see the change.
 * The check script stays: keepalived reads it when it uses it. Drop-ins are part of the image.
 */
export type MutatedFile =
  | 'keepalived.conf'
  | 'haproxy.cfg'
  | 'check script'
  | 'drop-in of haproxy'
  | 'drop-in of keepalived'
  | 'drop-in of the agent';
