import { createInterface } from 'node:readline';

/**
 * Passes each line of a stream to the listener. Resolves when the stream has ended, with its error if there was one:
 * a connection that is reset is an ordinary end. Text after the last line break counts if the stream ended without
 * an error.
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
  // readline(3) emits errors of its input again, and one without a listener would end this process.
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    .on('line', onLine)
    .on('error', note)
    .on('close', () => resolve(problem));
  stream.on('error', note);
  stream.on('close', () => lines.close());
  return promise;
}

/**
 * Likewise, for lines of JSON; `line` is the text. Other lines are skipped: the last line of a cut stream is
 * incomplete.
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
