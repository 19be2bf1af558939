/**
 * `reaper-main.ts <engine> <session>`: removes the containers of a session that has ended before its labs had gone. A
 * request to create or start one may still be on its way through the engine.
 */
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { removeContainer } from './containers.ts';
import { LABEL } from './labels.ts';

const [host = '', session = ''] = process.argv.slice(2);
const QUIET_MS = 2000;
const LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 200;

process.env.DOCKER_HOST = host;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const docker = new Docker(host.startsWith('unix://') ? { socketPath: host.slice('unix://'.length) } : {});
const startedMs = performance.now();
let lastSeenMs = startedMs;
while (performance.now() - lastSeenMs < QUIET_MS && performance.now() - startedMs < LIMIT_MS) {
  const filters = { label: [`${LABEL.session}=${session}`] };
  const found = await docker.listContainers({ all: true, filters }).catch(() => []);
  if (found.length > 0) lastSeenMs = performance.now();
  await Promise.allSettled(found.map(({ Id }) => removeContainer({ docker }, Id)));
  await delay(LOOK_AGAIN_MS);
}
process.exit(0);
