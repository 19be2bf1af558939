import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { type ControllerIdentity, createIdentity } from './certificate-authority.ts';

const AMPHORA = 'cd444019-ce8f-4f89-be6b-0edf76f41b77';

/** A program answers to this; where it is not installed, its tests are skipped. */
async function has(program: string, ...args: string[]): Promise<boolean> {
  return !(await execa(program, args, { reject: false })).failed;
}

const testWithOpenssl = (await has('openssl', 'version')) ? test : test.skip;
const testWithPython = (await has('python3', '-c', 'import ssl')) ? test : test.skip;

async function filesOf(t: ExecutionContext, identity: ControllerIdentity) {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const server = await identity.serverAuthority.issue(AMPHORA, 'server');
  const file = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  return {
    server,
    serverAuthority: await file('server-ca.pem', identity.serverAuthority.certificate),
    clientAuthority: await file('client-ca.pem', identity.clientAuthority.certificate),
    agent: await file('agent.pem', server.cert),
    agentWithKey: await file('agent-with-key.pem', `${server.cert}${server.key}`),
    controller: await file('controller.pem', identity.credentials.cert),
    controllerWithKey: await file(
      'controller-with-key.pem',
      `${identity.credentials.cert}${identity.credentials.key}`,
    ),
  };
}

testWithOpenssl(
  'a strict verifier takes each certificate for its own purpose and for no other',
  async (t) => {
    const files = await filesOf(t, await createIdentity());
    const verify = (authority: string, certificate: string, purpose: 'sslserver' | 'sslclient') =>
      execa('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', authority, certificate], {
        reject: false,
        all: true,
      });
    for (const [authority, certificate, purpose, other] of [
      [files.serverAuthority, files.agent, 'sslserver', 'sslclient'],
      [files.clientAuthority, files.controller, 'sslclient', 'sslserver'],
    ] as const) {
      const taken = await verify(authority, certificate, purpose);
      t.is(taken.exitCode, 0, taken.all);
      t.not((await verify(authority, certificate, other)).exitCode, 0);
    }
    t.not((await verify(files.clientAuthority, files.agent, 'sslserver')).exitCode, 0);
  },
);

testWithPython('an agent in Python that verifies strictly lets the controller in', async (t) => {
  const identity = await createIdentity();
  const files = await filesOf(t, identity);
  const agent = execa('python3', [
    '-c',
    `
import socket, ssl, sys
certificate, authority = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
context.load_cert_chain(certificate)
context.verify_mode = ssl.CERT_REQUIRED
context.verify_flags |= ssl.VERIFY_X509_STRICT
with socket.create_server(('127.0.0.1', 0)) as server:
    print(server.getsockname()[1], flush=True)
    with context.wrap_socket(server.accept()[0], server_side=True) as client:
        client.sendall(client.getpeercert()['subject'][0][0][1].encode())
`,
    files.agentWithKey,
    files.clientAuthority,
  ]);
  const { value: port } = await agent.iterable()[Symbol.asyncIterator]().next();
  const socket = connect({
    ...identity.credentials,
    servername: AMPHORA,
    host: '127.0.0.1',
    port: Number(port),
  });
  let heard = '';
  for await (const chunk of socket) heard += chunk;
  t.is(heard, 'controller');
  await agent;
});

testWithPython('a client in Python that verifies strictly takes the agent for the amphora', async (t) => {
  const identity = await createIdentity();
  const files = await filesOf(t, identity);
  const { cert, key } = files.server;
  const ca = identity.clientAuthority.certificate;
  const agent = createServer({ cert, key, ca, requestCert: true }, (socket) => {
    socket.on('error', () => {});
    socket.end();
  });
  t.teardown(() => agent.close());
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  agent.listen(0, '127.0.0.1', resolve);
  await listening;
  const { port } = agent.address() as { readonly port: number };
  const client = await execa(
    'python3',
    [
      '-c',
      `
import socket, ssl, sys
port, certificate, authority, name = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
context.load_cert_chain(certificate)
context.verify_flags |= ssl.VERIFY_X509_STRICT
with context.wrap_socket(socket.create_connection(('127.0.0.1', int(port))), server_hostname=name) as agent:
    print(agent.getpeercert()['subject'][0][0][1])
`,
      String(port),
      files.controllerWithKey,
      files.serverAuthority,
      AMPHORA,
    ],
    { reject: false, all: true },
  );
  t.is(client.all, AMPHORA);
});
