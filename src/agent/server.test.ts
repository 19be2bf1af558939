import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import test, { registerCompletionHandler } from 'ava';
import {
  CertificateAuthority,
  type ControllerIdentity,
  createIdentity,
} from '../flows/certificate-authority.ts';
import { parseConfiguration } from './configuration.ts';
import { freePort } from './free-port.fixture.ts';
import { serve } from './server.ts';

const AMPHORA = '36b19e0e-4be6-4b7b-9fdd-6b5b0c7a5f0f';
const LIMIT_MS = 20_000;
/** With TLS 1.3 the client has finished its handshake before it is refused: it sees an alert or a cut connection. */
const REFUSED = /^(ERR_SSL_|ECONNRESET|EPIPE|closed)/;
const YEAR_MS = 365 * 24 * 3600 * 1000;

/** The agent's server alone, in this process: what it refuses never reaches an amphora's files. */
const started = start();
// An agent serves until its process ends.
registerCompletionHandler(() => process.exit());
test.after.always(async () => rm((await started).folder, { recursive: true, force: true }));

async function start(): Promise<{ folder: string; port: number; identity: ControllerIdentity }> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-test-'));
  const identity = await createIdentity();
  const { cert, key } = await identity.serverAuthority.issue(AMPHORA, 'server');
  const files = { cert: join(folder, 'server.pem'), ca: join(folder, 'client_ca.pem') };
  await Promise.all([
    writeFile(files.cert, cert + key),
    writeFile(files.ca, identity.clientAuthority.certificate),
  ]);
  const port = await freePort();
  await serve(
    parseConfiguration(
      [
        '[amphora_agent]',
        `amphora_id = ${AMPHORA}`,
        `agent_server_cert = ${files.cert}`,
        `agent_server_ca = ${files.ca}`,
        'agent_request_read_timeout = 1',
        '[haproxy_amphora]',
        'bind_host = 127.0.0.1',
        `bind_port = ${port}`,
      ].join('\n'),
    ),
  );
  return { folder, port, identity };
}

/** What the agent does with a client's handshake: the error, or the answer to a request. */
async function handshake(options: ConnectionOptions): Promise<string> {
  const { port, identity } = await started;
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: identity.serverAuthority.certificate,
    servername: AMPHORA,
    ...options,
  });
  return outcome(socket, 'GET / HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n');
}

async function outcome(socket: TLSSocket, text: string): Promise<string> {
  socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('the agent did nothing')));
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('secureConnect', () => socket.write(text));
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(answer || (error.code ?? error.message)));
  socket.on('close', () => resolve(answer || 'closed'));
  return promise;
}

test('the controller is served', async (t) => {
  const { identity } = await started;
  t.regex(await handshake(identity.credentials), /^HTTP\/1\.1 200 /);
});

test('a client without a certificate is refused', async (t) => {
  t.regex(await handshake({}), REFUSED);
});

test('a certificate of a foreign authority is refused, even in the name of the right one', async (t) => {
  const foreign = await CertificateAuthority.create('controller client CA');
  t.regex(await handshake(await foreign.issue('controller', 'client')), REFUSED);
});

test('a certificate that has expired is refused', async (t) => {
  const { identity } = await started;
  const past = { notBefore: new Date(Date.now() - YEAR_MS), notAfter: new Date(Date.now() - 1000) };
  const expired = await identity.clientAuthority.issue('controller', 'client', past);
  t.regex(await handshake(expired), REFUSED);
});

test('a certificate for servers is refused as a client’s', async (t) => {
  const { identity } = await started;
  t.regex(await handshake(await identity.clientAuthority.issue('controller', 'server')), REFUSED);
});

test("a certificate of the servers' authority is refused", async (t) => {
  const { identity } = await started;
  const wrong = await identity.serverAuthority.issue('controller', 'client');
  t.regex(await handshake(wrong), REFUSED);
});

test('HEAD is answered as GET is, without the body', async (t) => {
  t.deepEqual(await ask('HEAD', '/'), { status: 200, text: '' });
  t.is((await ask('HEAD', '/1.0/vrrp/upload')).status, 405, 'where there is nothing to get');
});

test('OPTIONS is answered where there is a path', async (t) => {
  t.deepEqual(await ask('OPTIONS', '/1.0/vrrp/upload'), { status: 200, text: '' });
  t.is((await ask('OPTIONS', '/nosuch')).status, 404);
});

for (const version of ['TLSv1', 'TLSv1.1'] as const) {
  test(`${version} is refused`, async (t) => {
    const { identity } = await started;
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    t.regex(await handshake({ ...identity.credentials, ...old }), /PROTOCOL_VERSION/);
  });
}

async function ask(
  method: string,
  path: string,
  body?: Buffer,
): Promise<{ readonly status: number; readonly text: string }> {
  const { port, identity } = await started;
  const call = request({
    ...identity.credentials,
    host: '127.0.0.1',
    port,
    servername: AMPHORA,
    method,
    path,
    timeout: LIMIT_MS,
    agent: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  call.on('error', reject);
  call.on('timeout', () => call.destroy(new Error('the agent did not answer')));
  call.on('response', (answer) => {
    let text = '';
    answer.on('data', (chunk) => (text += chunk));
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
  });
  call.end(body);
  return promise;
}

for (const [method, path, status] of [
  ['GET', '/1.0/loadbalancer/../haproxy', 404],
  ['GET', '/1.0/loadbalancer/%2e%2e/haproxy', 404],
  ['GET', '/1.0/loadbalancer/..%2f..%2f..%2fetc/haproxy', 404],
  ['GET', '/1.0/loadbalancer/%2fetc/haproxy', 404],
  ['GET', '/1.0/loadbalancer/a%00b/haproxy', 404],
  ['PUT', '/1.0/loadbalancer/x/%2e%2e/haproxy', 404],
  ['PUT', '/1.0/loadbalancer/x/a%0aExecStart=b/haproxy', 404],
  ['DELETE', '/1.0/listeners/..%2f..', 404],
  ['DELETE', '/1.0/listeners/%2e%2e', 404],
  ['PUT', '/1.0/loadbalancer/x/certificates/..%2f..%2fserver.pem', 404],
  ['PUT', '/1.0/loadbalancer/%2e%2e/certificates/a.pem', 404],
  ['PUT', '/1.0/loadbalancer/x/certificates/.pem', 404],
  ['PUT', '/1.0/loadbalancer/x/certificates/server.key', 400],
  ['GET', '/1.0/loadbalancer/x/certificates/..pem', 404],
  ['GET', '/0.5/listeners/..%2f..%2fetc/haproxy', 404],
  ['PUT', '/1.0/vrrp/start;reboot', 400],
] as const) {
  test(`${method} ${path} is answered with ${status}`, async (t) => {
    const { folder } = await started;
    const before = await readdir(folder);
    const answer = await ask(method, path, method === 'PUT' ? Buffer.from('x') : undefined);
    t.is(answer.status, status, answer.text);
    t.notThrows(() => JSON.parse(answer.text));
    t.deepEqual(await readdir(folder), before);
  });
}

test('a body over 16 MiB is answered with 413, and is not kept', async (t) => {
  const answer = await ask('PUT', '/1.0/vrrp/upload', Buffer.alloc(16 * 1024 * 1024 + 1)).catch(
    ({ code }: NodeJS.ErrnoException) => ({ status: code, text: '' }),
  );
  // The server answers before it has read all: the client may see the connection cut first.
  t.true([413, 'EPIPE', 'ECONNRESET'].includes(answer.status ?? ''), String(answer.status));
});

test('a client that says how much it will send, and too much, is refused at once', async (t) => {
  const { port, identity } = await started;
  const socket = connect({ ...identity.credentials, host: '127.0.0.1', port, servername: AMPHORA });
  const text = await outcome(
    socket,
    'PUT /1.0/vrrp/upload HTTP/1.1\r\nHost: agent\r\nContent-Length: 99999999999\r\n\r\n',
  );
  t.regex(text, /^HTTP\/1\.1 413 [\s\S]*"http_code":413/);
});

test('headers over 16 KiB are refused', async (t) => {
  const { port, identity } = await started;
  const socket = connect({ ...identity.credentials, host: '127.0.0.1', port, servername: AMPHORA });
  const text = await outcome(socket, `GET / HTTP/1.1\r\nHost: agent\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
  t.regex(text, /^HTTP\/1\.1 400 .*Header overflow/s);
});

test('a body that does not come is waited for no longer than the limit', async (t) => {
  const { port, identity } = await started;
  const fromMs = performance.now();
  const socket = connect({ ...identity.credentials, host: '127.0.0.1', port, servername: AMPHORA });
  const text = await outcome(
    socket,
    'PUT /1.0/vrrp/upload HTTP/1.1\r\nHost: agent\r\nContent-Length: 1000\r\n\r\nslow',
  );
  t.regex(text, /^(HTTP\/1\.1 408 |ECONNRESET|closed)/);
  t.true(performance.now() - fromMs < LIMIT_MS);
});

test('a client that does not finish its handshake is cut off', async (t) => {
  const { port } = await started;
  const socket = connectPlainly(port, '127.0.0.1');
  socket.on('error', () => {});
  const fromMs = performance.now();
  await once(socket.resume(), 'close');
  t.true(performance.now() - fromMs < LIMIT_MS);
});
