import { EngineConnectionLost } from '../lab/engine/connection.ts';
import { EngineUnavailable } from '../lab/engine/engine.ts';
import { LabGone } from '../lab/fabric/fabric.ts';
import { ImagesMissing } from '../lab/images/images-missing.ts';

/** The engine went away, or failed at what it was asked for; the message says what to do. */
export class EngineFailed extends Error {
  override readonly name = 'EngineFailed';

  constructor(cause: Error) {
    super(
      `The container engine does not answer as it should (${cause.message.trim()}): see that it runs, or run \`npm run setup\`.`,
      { cause },
    );
  }
}

/** Prefix of a test's message about the environment: AVA passes on only the message of an error. */
const MARK = 'The environment cannot run it: ';

/** Scenarios could not be run here; the message says what to do. */
export class EnvironmentFailed extends Error {
  override readonly name = 'EnvironmentFailed';
}

/** An error in words that {@link environmentFailedBy} understands. */
export function inWords(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  const environment =
    error instanceof EngineFailed ||
    error instanceof EnvironmentFailed ||
    error instanceof EngineUnavailable ||
    error instanceof ImagesMissing ||
    diskFullIn(error) !== undefined;
  return environment ? `${MARK}${words}` : words;
}

/** The error behind such words, where it was the environment's. */
export function environmentFailedBy(words: string): EnvironmentFailed | undefined {
  return words.startsWith(MARK) ? new EnvironmentFailed(words.slice(MARK.length)) : undefined;
}

/**
 * The error among an error's own, its causes and what it suppressed that says that a disk is full: of the files that
 * the testbed writes, or in the engine's words.
 */
export function diskFullIn(error: unknown): Error | undefined {
  return among(error, ({ message }) => /ENOSPC|EDQUOT|no space left on device/i.test(message));
}

/** Likewise the one that says that nobody listens any more where the engine was, or that the engine failed. */
export function engineFailedIn(error: unknown, host: string): EngineFailed | undefined {
  const place = host.replace(/^\w+:\/\//, '');
  const found = among(
    error,
    (each) =>
      each instanceof EngineConnectionLost ||
      (/connect E(NOENT|CONNREFUSED)/.test(each.message) && each.message.includes(place)) ||
      // docker-modem's words for every answer that is an error.
      /^\(HTTP code \d+\)/.test(each.message),
  );
  return found && new EngineFailed(found);
}

/** Likewise the one that says that the lab has gone. */
export function labGoneIn(error: unknown): LabGone | undefined {
  return among(error, (each) => each instanceof LabGone) as LabGone | undefined;
}

function among(error: unknown, says: (error: Error) => boolean): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  if (says(error)) return error;
  const others = error instanceof SuppressedError ? [error.error, error.suppressed] : [error.cause];
  return others.map((other) => among(other, says)).find((found) => found !== undefined);
}
