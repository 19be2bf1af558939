const last = new Map<string, Promise<unknown>>();

/** Runs work on the same object one after the other, in the order of the requests. */
export function inTurn<T>(thing: string, work: () => Promise<T>): Promise<T> {
  const done = (last.get(thing) ?? Promise.resolve()).then(work);
  const settled = done.then(
    () => {},
    () => {},
  );
  last.set(thing, settled);
  settled.then(() => {
    if (last.get(thing) === settled) last.delete(thing);
  });
  return done;
}
