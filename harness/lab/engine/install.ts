import { existsSync, readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { type Engine, EngineUnavailable, findEngine } from './engine.ts';
import { withLock } from './lock.ts';
import { privateEngine, programPath } from './private-engine.ts';
import { engineRemedy, type Machine, thisMachine } from './remedy.ts';

/** Programs that the private engine needs, with their Debian packages. */
const PACKAGES = { dockerd: 'docker.io', iptables: 'iptables', mmdebstrap: 'mmdebstrap' } as const;
/** Debian asks this program before it starts or stops a service (policy-rc.d, invoke-rc.d(8)). */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
const INSTALL_LIMIT_MS = 10 * 60_000;

/**
 * The engine that {@link findEngine} finds, or else the private one, installed and started. The user's own engine is never
 * touched.
 *
 * @param progress receives what is being done
 * @throws EngineUnavailable when this system cannot have one
 */
export async function provideEngine(progress: (line: string) => void): Promise<Engine> {
  try {
    return await findEngine();
  } catch (cause) {
    const error = withoutEngine(cause as Error);
    if (error !== cause || !mayInstall(error)) throw error;
  }
  await installPrograms(['dockerd', 'iptables', 'mmdebstrap'], progress);
  privateEngine().prepare();
  progress('starting the private engine');
  return findEngine();
}

/** Why there is no engine, with what this user can do about it on this machine, where `setup` alone does not do it. */
export function withoutEngine(error: Error): Error {
  return mayInstall(error) && !canInstall() ? unaided(error, thisMachine()) : error;
}

/** Whether another engine is of use: not beside the one that DOCKER_HOST names, nor beside a private one that fails. */
function mayInstall(error: Error): error is EngineUnavailable {
  return error instanceof EngineUnavailable && !process.env.DOCKER_HOST && !privateEngine().installed();
}

/** Whether `setup` can get an engine for this user on this system. */
function canInstall(): boolean {
  return process.getuid?.() === 0 && programPath('apt-get') !== undefined;
}

/** No engine for whom `setup` cannot install one: what is missing, and the command that mends it here. */
export function unaided(error: EngineUnavailable, machine: Machine): EngineUnavailable {
  const missing =
    error.refusals.length > 0
      ? error.message.replace(/: run `[^`]*`$/, '')
      : 'no container engine was found, and only root on Debian and its derivatives gets one by `npm run setup` alone';
  return new EngineUnavailable(`${missing}: ${engineRemedy(error, machine)}, then run \`npm run setup\``, {
    cause: error,
  });
}

/**
 * Installs those of Debian's programs that are missing. No service is started or enabled by that.
 *
 * @throws EngineUnavailable when apt-get fails; the cause has its output
 */
export function installPrograms(
  programs: readonly (keyof typeof PACKAGES)[],
  progress: (line: string) => void,
): Promise<void> {
  return withLock('apt-get', async () => {
    const missing = programs.filter((program) => !programPath(program)).map((program) => PACKAGES[program]);
    if (missing.length === 0) {
      return;
    }
    const bringsService = missing.includes('docker.io');
    await using _quiet = await servicesKeptDown();
    const install = () => apt(['install', '-y', '--no-install-recommends', ...missing]);
    progress(`apt-get install ${missing.join(' ')}`);
    try {
      if (!packageListsPresent()) {
        await apt(['update']);
      }
      // Old package lists name packages that the mirror no longer has.
      await install().catch(async () => {
        progress('apt-get update');
        await apt(['update']);
        await install();
      });
      if (bringsService && existsSync('/run/systemd/system')) {
        const units = ['docker.service', 'docker.socket', 'containerd.service'];
        await execa('systemctl', ['disable', ...units]);
      }
    } catch (cause) {
      throw new EngineUnavailable(
        `apt-get could not install ${missing.join(', ')} (${(cause as Error).message.split('\n').at(-1)}): correct that, then run \`npm run setup\``,
        { cause },
      );
    }
  });
}

function apt(args: readonly string[]) {
  return execa('apt-get', args, {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    stdin: 'ignore',
    timeout: INSTALL_LIMIT_MS,
  });
}

function packageListsPresent(): boolean {
  try {
    return readdirSync('/var/lib/apt/lists').some((file) => file.includes('_Packages'));
  } catch {
    return false;
  }
}

/** Keeps the installation of packages from starting services while it is held; respects an existing policy. */
async function servicesKeptDown(): Promise<AsyncDisposable> {
  const ours = !existsSync(SERVICE_POLICY);
  if (ours) {
    await writeFile(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  }
  return {
    async [Symbol.asyncDispose]() {
      if (ours) {
        await rm(SERVICE_POLICY, { force: true });
      }
    },
  };
}
