import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';
import { execa } from 'execa';
import { chooseEngine, type Engine, engineCandidates } from '../../lab/engine/engine.ts';
import { privateEngine, programPath } from '../../lab/engine/private-engine.ts';
import type { Images } from '../../lab/images/images.ts';

const GONE_LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 100;

/** Why this machine cannot have a second engine; undefined when it can. */
export function whyNoEngine(): string | undefined {
  if (process.getuid?.() !== 0) return 'a second engine needs root';
  return programPath('dockerd') ? undefined : 'dockerd is not installed here';
}

/** A second engine that may be killed and filled: it has a state folder of its own, and only this torture's labs. */
export class OwnEngine implements AsyncDisposable {
  readonly engine: Engine;
  readonly folder: string;
  readonly #disk: boolean;

  private constructor(engine: Engine, folder: string, disk: boolean) {
    this.engine = engine;
    this.folder = folder;
    this.#disk = disk;
  }

  /**
   * Starts it, and gives it these images of another engine.
   *
   * @param diskMb a disk of that size in memory instead of the machine's
   */
  static async start(from: Engine, images: Images, diskMb?: number): Promise<OwnEngine> {
    // Short: the sockets' paths below it have to fit.
    const folder = await mkdtemp('/tmp/at-engine-');
    if (diskMb) await execa('mount', ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', folder]);
    const own = privateEngine(folder);
    own.prepare();
    await mkdir(join(folder, 'exec'), { recursive: true });
    // Without a system's engine in the way, and never with the one that DOCKER_HOST names.
    const candidates = () => engineCandidates({}, own).filter(({ kind }) => kind === 'private');
    const started = new OwnEngine(await chooseEngine(candidates()), folder, diskMb !== undefined);
    try {
      const saved = await new Docker(dockerOptions(from)).getImage(images.amphora).get();
      await load(started.engine, saved);
      await load(started.engine, await from.docker.getImage(images.fabric).get());
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Sends a signal to dockerd and resolves when it has gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const pid = Number(readFileSync(join(this.folder, 'dockerd.pid'), 'utf8'));
    process.kill(pid, signal);
    await gone(pid);
  }

  /** Starts it again; resolves when it answers. */
  async restart(): Promise<void> {
    await privateEngine(this.folder).start(async () => {
      await this.engine.docker.version();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM').catch(() => {});
    const containerd = await readFile(join(this.folder, 'exec/containerd/containerd.pid'), 'utf8').catch(
      () => '',
    );
    if (containerd) {
      // It ends with dockerd, unless that was killed.
      const pid = Number(containerd);
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // Gone already.
      }
      await gone(pid);
    }
    const below = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => path.startsWith(`${this.folder}/`) || (this.#disk && path === this.folder))
      .sort((a, b) => b.length - a.length);
    for (const path of below) await execa('umount', ['--lazy', path], { reject: false });
    await rm(this.folder, { recursive: true, force: true });
  }
}

function dockerOptions({ host }: Engine): Docker.DockerOptions | undefined {
  return host.startsWith('unix://') ? { socketPath: host.slice('unix://'.length) } : undefined;
}

async function load({ docker }: Engine, saved: NodeJS.ReadableStream): Promise<void> {
  const answer = (await docker.loadImage(saved as unknown as string)) as NodeJS.ReadableStream;
  let said = '';
  answer.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(answer, 'end');
  if (said.includes('"error"')) throw new Error(`The images could not be loaded: ${said.slice(-300)}`);
}

async function gone(pid: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < GONE_LIMIT_MS; waitedMs += LOOK_AGAIN_MS) {
    try {
      process.kill(pid, 0);
      if (/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    } catch {
      return;
    }
    await delay(LOOK_AGAIN_MS);
  }
  throw new Error(`Process ${pid} did not end within ${GONE_LIMIT_MS / 1000} s.`);
}
