import { once } from 'node:events';
import { connect } from 'node:tls';
import type { LabAmphora, Octavia } from './lab.ts';

/** The serial number of the certificate that an amphora's agent shows to a new connection. */
export async function agentCertificate(
  { credentials }: Octavia,
  { id, instance }: LabAmphora,
): Promise<string> {
  const { hostname, port } = new URL(instance.agentUrl);
  const socket = connect({ ...credentials, host: hostname, port: Number(port), servername: id });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerCertificate().serialNumber;
  } finally {
    socket.destroy();
  }
}
