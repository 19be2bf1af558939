import { timingSafeEqual } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import * as z from 'zod';
import { DIGEST_BYTES, digest } from './signature.ts';

const count = z.number();
/** By the pool's id, or `{pool}:{listener}`; HAProxy's words for back ends (UP, DOWN) and servers. */
const pools = z.record(
  z.string(),
  z.object({ status: z.string(), members: z.record(z.string(), z.string()) }),
);
const schema = z.object({
  id: z.string(),
  /** Amphorae of Rocky count neither their messages nor their versions. */
  seq: z.int().optional(),
  ver: z.int().default(0),
  listeners: z.record(
    z.string(),
    z.object({
      /** HAProxy's own word for a frontend: OPEN, FULL, STOP. */
      status: z.string(),
      /** Bytes sent and received, connections now and since, requests in error. */
      stats: z.object({ tx: count, rx: count, conns: count, totconns: count, ereq: count }),
      /** Before version 2, pools stand in the listener that uses them. */
      pools: pools.optional(),
    }),
  ),
  pools: pools.default({}),
});

/** An amphora's heartbeat; JSON as upstream's health_daemon.py sends it. */
export type HealthMessage = z.output<typeof schema>;

/** A datagram that is no heartbeat of a known amphora. */
export class NoHeartbeat extends Error {
  override readonly name = 'NoHeartbeat';
}

/** A message is small; what inflates to more is an attack. */
const MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Takes a message out of a datagram whose HMAC is right. Amphorae before Train append the digest itself
 * rather than its hexadecimal digits: both are taken, as upstream does.
 *
 * @throws NoHeartbeat
 */
export function decodeHeartbeat(datagram: Buffer, key: string): HealthMessage {
  const payload =
    signed(datagram, key, 2 * DIGEST_BYTES, (bytes) => Buffer.from(bytes.toString('latin1'), 'hex')) ??
    signed(datagram, key, DIGEST_BYTES, (bytes) => bytes);
  if (!payload) throw new NoHeartbeat('The HMAC is not that of the key.');
  try {
    return schema.parse(
      JSON.parse(inflateSync(payload, { maxOutputLength: MESSAGE_LIMIT_BYTES }).toString()),
    );
  } catch (cause) {
    throw new NoHeartbeat('The datagram is signed but holds no message.', { cause });
  }
}

function signed(
  datagram: Buffer,
  key: string,
  length: number,
  digestIn: (bytes: Buffer) => Buffer,
): Buffer | undefined {
  if (datagram.length <= length) return undefined;
  const payload = datagram.subarray(0, -length);
  const found = digestIn(datagram.subarray(-length));
  return found.length === DIGEST_BYTES && timingSafeEqual(found, digest(payload, key)) ? payload : undefined;
}
