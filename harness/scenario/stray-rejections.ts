import { placeIn } from './place.ts';

/**
 * Watches for promises of a scenario's file that are rejected where nobody awaits them, such as those of a function
 * of its own that it forgot to await: without this, they end the process or are reported nowhere.
 *
 * @param known whether an error is known already, so that it needs only to be caught
 * @returns `first` is rejected with the first error of such a promise
 */
export function strayRejections(
  file: string | undefined,
  known: (error: unknown) => boolean,
): Disposable & { readonly first: Promise<never> } {
  const { promise: first, reject } = Promise.withResolvers<never>();
  first.catch(() => {});
  const onStray = (error: unknown, stray: Promise<unknown>) => {
    const isOurs = known(error) || placeIn((error as Error | undefined)?.stack, file) !== undefined;
    if (isOurs) {
      stray.catch(() => {});
      reject(error);
    } else if (process.listenerCount('unhandledRejection') === 1) {
      // As if nobody were listening.
      throw error;
    }
  };
  process.on('unhandledRejection', onStray);
  return {
    first,
    [Symbol.dispose]: () => process.off('unhandledRejection', onStray),
  };
}
