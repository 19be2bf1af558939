import { createHmac } from 'node:crypto';

export const DIGEST_BYTES = 32;

/** HMAC-SHA256 of what a heartbeat carries. */
export function digest(payload: Buffer, key: string): Buffer {
  return createHmac('sha256', key).update(payload).digest();
}
