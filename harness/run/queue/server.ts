import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { EnvironmentFailed } from '../environment.ts';
import type { QueueAddress } from './queue-url.ts';

/** Before all names that the testbed has in a Redis that serves others too. */
export const PREFIX = 'amphora-testbed';
const CONNECT_LIMIT_MS = 5000;
/** A Redis that is started again is back by then; a longer absence ends what waits for it. */
const ABSENCE_MAX_MS = 60_000;
const TRY_AGAIN_MS = 1000;
/** How often a night and a worker say that they are there, and how long that holds. */
export const BEAT_MS = 3000;
const BEAT_HOLDS_S = 12;

/** The Redis or Valkey in which a night and its workers meet. */
export class QueueServer implements AsyncDisposable {
  readonly name: string;
  readonly redis: Redis;
  readonly bull: typeof import('bullmq');
  /** Rejects when it has been away for too long. */
  readonly lost: Promise<never>;
  #closing = false;

  private constructor(name: string, redis: Redis, bull: typeof import('bullmq')) {
    this.name = name;
    this.redis = redis;
    this.bull = bull;
    const lost = Promise.withResolvers<never>();
    redis.on('end', () => {
      if (!this.#closing) lost.reject(away(name, `it has been away for ${ABSENCE_MAX_MS / 1000} s`));
    });
    lost.promise.catch(() => {});
    this.lost = lost.promise;
  }

  /** @throws EnvironmentFailed where it does not answer, without its password */
  static async open({ connection, name }: QueueAddress): Promise<QueueServer> {
    // Few commands need them, and they take half a second to load.
    const [{ Redis }, bull] = await Promise.all([import('ioredis'), import('bullmq')]);
    let isOpen = false;
    const redis = new Redis({
      ...connection,
      lazyConnect: true,
      connectTimeout: CONNECT_LIMIT_MS,
      // BullMQ asks for it: commands wait until the connection is back.
      maxRetriesPerRequest: null,
      retryStrategy: (times) => (isOpen && times * TRY_AGAIN_MS < ABSENCE_MAX_MS ? TRY_AGAIN_MS : null),
    });
    let problem: Error | undefined;
    // Without a listener, an error would end this process.
    redis.on('error', (error: Error) => {
      problem ??= error;
    });
    try {
      await redis.connect();
      // A database that it does not have is no error when connecting.
      await redis.select(connection.db ?? 0);
    } catch (error) {
      redis.disconnect();
      throw unusable(name, problem ?? (error as Error));
    }
    isOpen = true;
    return new QueueServer(name, redis, bull);
  }

  /** Says from now on that something is there, until it is disposed of or this process dies. */
  async announce(key: string, value: object): Promise<AsyncDisposable> {
    const beat = () => this.redis.set(key, JSON.stringify(value), 'EX', BEAT_HOLDS_S);
    await beat();
    const timer = setInterval(() => beat().catch(() => {}), BEAT_MS);
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(timer);
        await Promise.race([this.redis.del(key).catch(() => {}), delay(TRY_AGAIN_MS)]);
      },
    };
  }

  /** What was announced under keys that begin so, as it was written. */
  async announced(prefix: string): Promise<readonly unknown[]> {
    const keys: string[] = [];
    for await (const some of this.redis.scanStream({ match: `${prefix}*` })) keys.push(...(some as string[]));
    if (keys.length === 0) return [];
    const values = await this.redis.mget([...new Set(keys)].sort());
    return values.flatMap((value) => (value === null ? [] : [JSON.parse(value)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.redis.disconnect();
  }
}

/** An answer of Redis that says no, or none. */
function unusable(name: string, { message }: Error): EnvironmentFailed {
  if (/^NOAUTH/.test(message)) return refused(name, 'it asks for a password');
  if (/^WRONGPASS/.test(message)) return refused(name, 'the user or the password is wrong');
  if (/^(?:ERR|NOPERM)\b/.test(message)) return refused(name, message);
  return away(name, message);
}

function refused(name: string, why: string): EnvironmentFailed {
  return new EnvironmentFailed(
    `The queue ${name} refuses the connection (${why}): the URL is redis://USER:PASSWORD@HOST:PORT/DB.`,
  );
}

function away(name: string, why: string): EnvironmentFailed {
  return new EnvironmentFailed(
    `The queue ${name} does not answer (${why}): see that Redis or Valkey runs there, and that the URL is right${name.startsWith('rediss:') ? ': rediss needs TLS there' : ''}.`,
  );
}
