import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { HealthManager } from './health-manager.ts';

/**
 * Gives the health manager what arrives at a UDP port (octavia.conf, [health_manager] bind_ip and bind_port).
 *
 * @throws the system's error when the address cannot be bound
 */
export async function receiveHeartbeats(
  manager: HealthManager,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AsyncDisposable & { readonly port: number }> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  // An error of one datagram does not end the receiver.
  socket.on('error', reject);
  socket.bind(port, host, resolve);
  await listening;
  socket.on('message', (datagram) => manager.receive(datagram));
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => socket.close(() => closed())),
  };
}
