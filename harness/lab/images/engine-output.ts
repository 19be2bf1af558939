import type { Engine } from '../engine/engine.ts';

/** An image could not be built; the message says which and why. */
export class ImageBuildFailed extends Error {
  override readonly name = 'ImageBuildFailed';
}

/** One message of the engine while it builds, pulls or imports. */
interface EngineMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
}

/**
 * Reads the engine's messages to their end.
 *
 * @param heard called with each message
 * @throws when one of them is an error: the engine reports failures in a stream that itself ends well
 */
export async function followed(
  { docker }: Engine,
  stream: NodeJS.ReadableStream,
  progress: (line: string) => void,
  heard: () => void = () => {},
): Promise<readonly EngineMessage[]> {
  const { promise, resolve, reject } = Promise.withResolvers<EngineMessage[]>();
  docker.modem.followProgress(
    stream,
    (error, output) => (error ? reject(error) : resolve(output)),
    ({ stream: text }: EngineMessage) => {
      heard();
      const line = text?.trim();
      if (line) {
        progress(line);
      }
    },
  );
  const output = await promise;
  const failure = output.find(({ error }) => error)?.error;
  if (failure) {
    throw new Error(failure);
  }
  return output;
}
