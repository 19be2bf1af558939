/** What the user typed cannot be done; one sentence says what was found and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** @param sentence on one line, also where it quotes a text that has several */
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence.replaceAll(/\s+/g, ' '), options);
  }
}
