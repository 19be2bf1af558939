import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import test from 'ava';
import Docker from 'dockerode';
import { patient } from './connection.ts';
import { limitCpu } from './cpu-limit.ts';

/** What an engine of this name is asked for. */
async function asked(name: string, share: number | undefined): Promise<readonly unknown[]> {
  const requests: unknown[] = [];
  const server = createServer(async (request: IncomingMessage, answer) => {
    requests.push(`${request.method} ${request.url}`, await json(request));
    answer.writeHead(name === 'Podman' ? 201 : 200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const docker = patient(new Docker({ protocol: 'http', host: '127.0.0.1', port }));
    await limitCpu({ name, docker }, 'c0ffee', share);
    return requests;
  } finally {
    server.close();
  }
}

test('Docker is asked for a quota by its own interface', async (t) => {
  t.deepEqual(await asked('Docker', 0.25), [
    'POST /containers/c0ffee/update',
    { CpuPeriod: 100_000, CpuQuota: 25_000 },
  ]);
});

test('Podman is asked by its own interface, which it has before the other', async (t) => {
  const path = 'POST /v4.3.0/libpod/containers/c0ffee/update';
  t.deepEqual(await asked('Podman', 0.25), [path, { cpu: { period: 100_000, quota: 25_000 } }]);
});

test('a limit that goes leaves no quota with Docker, and all cores with Podman, whose runtime may take -1 for next to nothing', async (t) => {
  const [, docker] = await asked('Docker', undefined);
  t.deepEqual(docker, { CpuPeriod: 100_000, CpuQuota: -1 });
  const [, podman] = await asked('Podman', undefined);
  t.deepEqual(podman, { cpu: { period: 100_000, quota: 102_400_000 } });
});
