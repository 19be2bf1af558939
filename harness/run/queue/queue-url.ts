import type { RedisOptions } from 'ioredis';
import { UsageError } from '../../usage-error.ts';

const DEFAULT_PORT = 6379;

/** Where a queue is kept. */
export interface QueueAddress {
  readonly connection: Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'>;
  /** For people, without the password: `redis://queue.example:6379/2`. */
  readonly name: string;
}

/**
 * Reads `redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]`; rediss encrypts.
 *
 * @throws UsageError that repeats no password
 */
export function parseQueueUrl(text: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, db] = /^(?:\/(\d{1,4})?)?$/.exec(url?.pathname ?? '?') ?? [undefined, '?'];
  const isKnown = url?.protocol === 'redis:' || url?.protocol === 'rediss:';
  if (!url || !isKnown || url.hostname === '' || db === '?' || url.search !== '' || url.hash !== '') {
    throw new UsageError(
      `--queue takes redis://HOST:PORT/DB, or rediss:// for TLS; found "${withoutPassword(text)}".`,
    );
  }
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  return {
    connection: {
      // As a URL has it, IPv6 stands in brackets.
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      db: Number(db ?? 0),
      ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
      ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
      ...(url.protocol === 'rediss:' && { tls: {} }),
    },
    name: `${url.protocol}//${url.hostname}:${port}/${db ?? 0}`,
  };
}

/** What stands before the last `@` may be a password, in a text that is no URL too. */
function withoutPassword(text: string): string {
  const at = text.lastIndexOf('@');
  return at < 0 ? text : `…${text.slice(at)}`;
}
