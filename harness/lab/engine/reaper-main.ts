/**
 * `reaper-main.ts <engine> <session>`: when standard input ends, removes the folders that its lines named, and the
 * containers of that session where a lab of it has not gone.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { eachLine } from '../../streams/lines.ts';
import { LABEL } from './labels.ts';
import { REAPER_LINES } from './reaper.ts';

const [host = '', session = ''] = process.argv.slice(2);
/** A request to create or start may still be on its way through the engine. */
const QUIET_MS = 2000;
const LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 200;

process.env.DOCKER_HOST = host;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const folders: string[] = [];
let labs = 0;
eachLine(process.stdin, (line) => {
  if (line === REAPER_LINES.begun) labs++;
  else if (line === REAPER_LINES.gone) labs--;
  else folders.push(line);
}).then(reap);

async function reap(): Promise<void> {
  await Promise.allSettled(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  if (labs === 0) process.exit(0);
  // Most of them end without work: they start without the engine's client.
  const [{ default: Docker }, { removeContainer }] = await Promise.all([
    import('dockerode'),
    import('./containers.ts'),
  ]);
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
}
