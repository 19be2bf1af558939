import { connect } from 'node:tls';
import type { ClientCredentials, Endpoint } from './endpoint.ts';

/** A refusal of the handshake comes by then; an agent that accepted it waits for a request. */
const REFUSAL_LIMIT_MS = 500;

/** Codes of a handshake that failed for what the certificates say (https://nodejs.org/api/tls.html, X509 certificate error codes). */
const REFUSAL =
  /^(ERR_SSL_|ERR_TLS_CERT_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CRL_|INVALID_|HOSTNAME_MISMATCH|PATH_LENGTH_)/;

/** Failures that may hide a refusal where the handshake was over: with TLS 1.3 the client has finished it before it is refused. */
const MAY_HIDE_REFUSAL: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/** Agent and controller refuse each other's certificates: repeating would change nothing. */
export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused';
}

/**
 * Why a call failed, where the reason is a refused TLS handshake. An agent that cannot be reached yet, or is
 * killed in the middle of a call, is not told so.
 *
 * @param isShaken whether the handshake was over on this side
 */
export async function refusalOf(
  failure: unknown,
  isShaken: boolean,
  endpoint: Endpoint,
  credentials: ClientCredentials,
): Promise<string | undefined> {
  const { code, message } = failure as NodeJS.ErrnoException;
  const isRefusal = REFUSAL.test(code ?? '');
  if (isShaken)
    return isRefusal || MAY_HIDE_REFUSAL.has(code) ? refusedByAgent(endpoint, credentials) : undefined;
  return isRefusal ? `the controller refuses the agent's certificate: ${message}` : undefined;
}

/** Only shakes hands: an agent that accepts the certificate waits, another one closes. */
function refusedByAgent(
  { id, agent_url }: Endpoint,
  credentials: ClientCredentials,
): Promise<string | undefined> {
  const { hostname, port } = new URL(agent_url);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({
    ...credentials,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 443),
    servername: id,
  });
  let shaken = false;
  const refused = (how: string) => `the agent refuses the controller's certificate: ${how}`;
  socket.setTimeout(REFUSAL_LIMIT_MS, () => resolve(undefined));
  socket.on('secureConnect', () => {
    shaken = true;
  });
  socket.on('error', ({ code, message }: NodeJS.ErrnoException) =>
    resolve(REFUSAL.test(code ?? '') ? refused(message) : undefined),
  );
  // What closes before the handshake is no agent yet: a port that is forwarded, say.
  socket.on('close', () =>
    resolve(shaken ? refused('it closed the connection after the handshake') : undefined),
  );
  // Without a reader, the end is not seen.
  socket.resume();
  return promise.finally(() => socket.destroy());
}
