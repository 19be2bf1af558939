import { deflateSync } from 'node:zlib';
import type { HealthMessage } from './message.ts';
import { digest } from './signature.ts';

/** Version of the message: 3 has counters as differences to the message before (health_daemon.py, MSG_VER). */
export const MESSAGE_VERSION = 3;

/**
 * Puts a message into a datagram: JSON, compressed by zlib, and the HMAC-SHA256 of that in hexadecimal
 * digits (octavia/…/health_daemon/status_message.py).
 */
export function encodeHeartbeat(message: HealthMessage, key: string): Buffer {
  const payload = deflateSync(JSON.stringify(message), { level: 9 });
  return Buffer.concat([payload, Buffer.from(digest(payload, key).toString('hex'))]);
}
