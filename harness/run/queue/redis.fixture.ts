import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../../../src/agent/free-port.fixture.ts';
import { eachLine } from '../../streams/lines.ts';

export const PASSWORD = 'not-to-be-seen';

/** A Redis on the loopback interface, which keeps nothing. */
export interface RealRedis extends AsyncDisposable {
  readonly url: string;
  /** Ends it, as a machine that fails would. */
  kill(): void;
}

/** The name of the server that is installed here; undefined where there is none. */
export function redisHere(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return ['redis-server', 'valkey-server'].find((name) =>
    folders.some((folder) => existsSync(join(folder, name))),
  );
}

/** Starts one on a free port. */
export async function startRedis(name: string): Promise<RealRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-redis-'));
  const port = await freePort();
  const child = spawn(
    name,
    ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, '--save', '', '--requirepass', PASSWORD],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = once(child, 'exit');
  const ready = Promise.withResolvers<void>();
  eachLine(child.stdout, (line) => {
    if (line.includes('Ready to accept connections')) ready.resolve();
  }).then(() => ready.reject(new Error(`${name} ended before it was ready.`)));
  await ready.promise;
  return {
    url: `redis://:${PASSWORD}@127.0.0.1:${port}`,
    kill: () => child.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
