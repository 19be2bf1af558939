/** What the user typed cannot be done; one sentence says what was found and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
