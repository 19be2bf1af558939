import { createHash } from 'node:crypto';

/**
 * An amphora's name in HAProxy's peers section: HAProxy limits these names, so Octavia takes a digest
 * (octavia/common/utils.py, base64_sha1_string).
 */
export function peerName(amphoraId: string): string {
  return createHash('sha1')
    .update(amphoraId)
    .digest('base64')
    .replaceAll('+', '_')
    .replaceAll('/', '-')
    .replaceAll('=', '')
    .replace(/^-/, 'x');
}
