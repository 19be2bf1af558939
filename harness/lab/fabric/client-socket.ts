import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { urlHost } from '../../../src/domain/url-host.ts';
import type { Asked } from './protocol.ts';

/** Where a client connects to, and what it asks. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly asked?: Asked | undefined;
}

/** Opens a connection as a client does that believes any certificate; what is written meanwhile is sent once it is open. */
export function openSocket({ host, port, asked }: Destination): Socket {
  const options = { host, port, noDelay: true };
  if (!asked?.tls) return connect(options);
  // A name that no certificate has would be refused where HAProxy chooses by name (strict-sni).
  return connectTls({ ...options, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) });
}

/** The request, after which the connection stays open, or does not. */
export function requestOf({ host, asked }: Destination, stays: boolean): string {
  const close = stays ? '' : 'Connection: close\r\n';
  return `GET ${asked?.path ?? '/'} HTTP/1.1\r\nHost: ${urlHost(host)}\r\n${close}\r\n`;
}
