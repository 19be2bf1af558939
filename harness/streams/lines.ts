import { createInterface } from 'node:readline';

/**
 * Hands each line of a stream on. Resolves when the stream is over, with the error that ended it, if one did: a
 * peer that resets its connection is an end like another one. What stands after the last line break counts where the
 * stream ended by itself.
 */
export function eachLine(
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => void,
): Promise<Error | undefined> {
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  let problem: Error | undefined;
  const note = (error: Error) => {
    problem ??= error;
  };
  // readline(3) hands errors of its input on, and one that nobody listens to would end this process.
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    .on('line', onLine)
    .on('error', note)
    .on('close', () => resolve(problem));
  stream.on('error', note);
  stream.on('close', () => lines.close());
  return promise;
}

/**
 * Likewise, for lines of JSON; `line` is the text. Lines that are none are passed over: where a stream is cut, the
 * last one is a part of a line.
 */
export function eachJson<T>(
  stream: NodeJS.ReadableStream,
  onValue: (value: T, line: string) => void,
): Promise<Error | undefined> {
  return eachLine(stream, (line) => {
    let value: T;
    try {
      value = JSON.parse(line) as T;
    } catch {
      return;
    }
    onValue(value, line);
  });
}

/** The first line of a stream; undefined when it ends without one. */
export function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  eachLine(stream, resolve).then(() => resolve(undefined));
  return promise;
}
