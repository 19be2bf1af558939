/**
 * The error among an error's own, its causes and what it suppressed that says that a disk is full: of the files that
 * we write, or in the engine's words.
 */
export function diskFullIn(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  if (/ENOSPC|EDQUOT|no space left on device/i.test(error.message)) return error;
  const others = error instanceof SuppressedError ? [error.error, error.suppressed] : [error.cause];
  return others.map(diskFullIn).find((found) => found !== undefined);
}
