import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import {
  CertificateAuthority,
  type ControllerIdentity,
  createIdentity,
} from '../flows/certificate-authority.ts';
import { AgentClient, AmphoraUnreachable } from './client.ts';
import type { ClientCredentials } from './endpoint.ts';
import { HandshakeRefused } from './handshake.ts';

const AMPHORA = '36b19e0e-4be6-4b7b-9fdd-6b5b0c7a5f0f';
/** More attempts than any test waits for. */
const PATIENCE = { attempts: 120, intervalMs: 5000 };

async function listening<T extends Server>(t: ExecutionContext, server: T): Promise<T> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return server;
}

function urlOf(server: Server): string {
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An agent that answers clients with a certificate of the controller's authority. */
async function agentOf(
  t: ExecutionContext,
  identity: ControllerIdentity,
  name = AMPHORA,
  answer: (response: ServerResponse) => unknown = (response) => response.end('{}'),
): Promise<HttpsServer> {
  const server = await identity.serverAuthority.issue(name, 'server');
  return listening(
    t,
    createServer(
      { ...server, ca: identity.clientAuthority.certificate, requestCert: true, rejectUnauthorized: true },
      (_request, response) => void answer(response.setHeader('content-type', 'application/json')),
    ),
  );
}

async function ask(agent_url: string, credentials: ClientCredentials, retry = PATIENCE): Promise<unknown> {
  await using client = new AgentClient({ id: AMPHORA, agent_url }, credentials);
  return await client.call('PUT', '/1.0/vrrp/start', 'x'.repeat(10_000), retry);
}

test('an agent that takes the certificate answers', async (t) => {
  const identity = await createIdentity();
  t.deepEqual(await ask(urlOf(await agentOf(t, identity)), identity.credentials), {});
});

test('calls one after another share a connection; one that the agent has closed is replaced', async (t) => {
  const identity = await createIdentity();
  let connections = 0;
  const server = await agentOf(t, identity);
  server.on('secureConnection', () => connections++);
  const agent_url = urlOf(server);
  await using client = new AgentClient({ id: AMPHORA, agent_url }, identity.credentials);
  const call = () => client.call('GET', '/', undefined, { attempts: 2, intervalMs: 0 });
  for (let n = 0; n < 3; n++) t.deepEqual(await call(), {});
  t.is(connections, 1);
  server.closeAllConnections();
  t.deepEqual(await call(), {});
  t.is(connections, 2);
});

test('an answer that breaks off, and one that is no JSON, are asked for again', async (t) => {
  const identity = await createIdentity();
  const begun = ['{"cut', '{"bad"}', '{}'];
  const server = await agentOf(t, identity, AMPHORA, (response) => {
    const part = begun.shift();
    if (part?.startsWith('{"cut')) response.write(part, () => response.destroy());
    else response.end(part);
  });
  const { credentials } = identity;
  t.deepEqual(await ask(urlOf(server), credentials, { attempts: 3, intervalMs: 0 }), {});
  t.deepEqual(begun, []);
});

test('an agent that refuses the certificate ends the call at once', async (t) => {
  const identity = await createIdentity();
  const foreign = await CertificateAuthority.create('controller client CA');
  const credentials = { ...identity.credentials, ...(await foreign.issue('controller', 'client')) };
  const error = await t.throwsAsync(ask(urlOf(await agentOf(t, identity)), credentials), {
    instanceOf: HandshakeRefused,
  });
  t.regex(
    error?.message ?? '',
    /^PUT \/1\.0\/vrrp\/start at amphora 36b19e0e-.*: the agent refuses the controller's certificate: /,
  );
});

test('an agent whose certificate is of another authority, or in another name, ends the call at once', async (t) => {
  const identity = await createIdentity();
  const ca = (await CertificateAuthority.create('amphora server CA')).certificate;
  const refuses = {
    instanceOf: HandshakeRefused,
    message: /the controller refuses the agent's certificate: /,
  };
  await t.throwsAsync(ask(urlOf(await agentOf(t, identity)), { ...identity.credentials, ca }), refuses);
  await t.throwsAsync(ask(urlOf(await agentOf(t, identity, 'another')), identity.credentials), refuses);
});

test('a port that closes before any handshake is asked again: it may be of an agent that boots', async (t) => {
  const { credentials } = await createIdentity();
  let connections = 0;
  const server = await listening(
    t,
    createTcpServer((socket) => {
      connections++;
      socket.on('error', () => {});
      socket.destroy();
    }),
  );
  await t.throwsAsync(ask(urlOf(server), credentials, { attempts: 3, intervalMs: 10 }), {
    instanceOf: AmphoraUnreachable,
  });
  t.is(connections, 3);
});
