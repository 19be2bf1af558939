import { existsSync } from 'node:fs';
import Docker from 'dockerode';
import { patient } from './connection.ts';
import { type PrivateEngine, privateEngine } from './private-engine.ts';

/** A container engine that answers. */
export interface Engine {
  readonly docker: Docker;
  /** Where it was found. */
  readonly kind: EngineKind;
  /** Its address as DOCKER_HOST spells it. */
  readonly host: string;
  /** `Docker` or `Podman`. */
  readonly name: string;
  /** As the engine reports it, e.g. `20.10.24`. */
  readonly version: string;
  /** The architecture of its containers, e.g. `amd64`. */
  readonly arch: string;
  /** One line for people. */
  describe(): string;
}

export type EngineKind = 'DOCKER_HOST' | 'system' | 'rootless' | 'private';

/** An engine that is there and cannot be used. */
export interface Refusal {
  readonly host: string;
  /** Node's code of the system error, if it is one. */
  readonly code?: string | undefined;
}

/** No engine can be used; the message is one sentence that ends with the command to run. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
  /** Engines that are there. */
  readonly refusals: readonly Refusal[];

  constructor(
    message: string,
    { refusals = [], ...options }: ErrorOptions & { readonly refusals?: readonly Refusal[] } = {},
  ) {
    super(message, options);
    this.refusals = refusals;
  }
}

/** What an engine says about itself (Engine API, GET /version). */
export interface EngineVersion {
  readonly Version: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
  readonly Arch: string;
}

/** A place where an engine may be. */
export interface EngineCandidate {
  readonly kind: EngineKind;
  readonly host: string;
  readonly docker: Docker;
  /** Undefined when this place has no engine; rejects when its engine cannot be used. */
  probe(): Promise<EngineVersion | undefined>;
}

const PROBE_LIMIT_MS = 5000;
export const SYSTEM_SOCKET = '/var/run/docker.sock';
export const PODMAN_SOCKET = '/run/podman/podman.sock';

/**
 * The engine to use: the one that DOCKER_HOST names and no other; else the system's Docker or Podman, the user's rootless
 * Podman or Docker, and the private engine that `npm run setup` installed, which is started if it does not run.
 *
 * @param env of the user
 * @param before one that was found before is taken again if it answers: Docker starts two programs to tell its version
 * @throws EngineUnavailable
 */
export async function findEngine(env: NodeJS.ProcessEnv = process.env, before?: Engine): Promise<Engine> {
  const answers = await (before && answered(before.docker.ping()).catch(() => undefined));
  return before && answers ? before : chooseEngine(engineCandidates(env, privateEngine()));
}

/** The places to look at, in order of preference. */
export function engineCandidates(env: NodeJS.ProcessEnv, own: PrivateEngine): readonly EngineCandidate[] {
  if (env.DOCKER_HOST) {
    // Without arguments the client reads DOCKER_HOST, DOCKER_CERT_PATH and DOCKER_TLS_VERIFY.
    const docker = clientOf(env.DOCKER_HOST);
    return [{ kind: 'DOCKER_HOST', host: env.DOCKER_HOST, docker, probe: () => version(docker) }];
  }
  // Without a session of systemd the variable is missing, and the folder may be there (pam_systemd(8)).
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.() ?? 0}`;
  const candidates = [
    unixCandidate('system', SYSTEM_SOCKET),
    unixCandidate('system', PODMAN_SOCKET),
    unixCandidate('rootless', `${runtime}/podman/podman.sock`),
    unixCandidate('rootless', `${runtime}/docker.sock`),
  ];
  const docker = new Docker({ socketPath: own.socket });
  candidates.push({
    kind: 'private',
    host: `unix://${own.socket}`,
    docker,
    async probe() {
      if (!own.installed()) {
        return undefined;
      }
      // A socket may be left by a dead daemon: only an answer counts.
      const running = existsSync(own.socket) ? await version(docker).catch(() => undefined) : undefined;
      if (running) {
        return running;
      }
      await own.start(async () => {
        await version(docker);
      });
      return version(docker);
    },
  });
  return candidates;
}

/** @throws EngineUnavailable when the client's library cannot read DOCKER_HOST */
function clientOf(host: string): Docker {
  try {
    return new Docker();
  } catch (cause) {
    throw new EngineUnavailable(
      `DOCKER_HOST is set but "${host}" is no address of an engine, such as unix:///var/run/docker.sock: correct it, or unset it and run \`npm run setup\``,
      { cause },
    );
  }
}

/**
 * The first candidate that answers.
 *
 * @throws EngineUnavailable with what was wrong with each place where there was something
 */
export async function chooseEngine(candidates: readonly EngineCandidate[]): Promise<Engine> {
  const refused: string[] = [];
  const refusals: Refusal[] = [];
  const causes: unknown[] = [];
  for (const candidate of candidates) {
    try {
      const found = await candidate.probe();
      if (found) {
        return engineAt(candidate, found);
      }
    } catch (error) {
      refused.push(`${candidate.host} does not answer (${reason(error)})`);
      refusals.push({ host: candidate.host, code: (error as NodeJS.ErrnoException).code });
      causes.push(error);
    }
  }
  const cause = causes.length > 0 ? { cause: new AggregateError(causes), refusals } : {};
  if (candidates[0]?.kind === 'DOCKER_HOST') {
    throw new EngineUnavailable(
      `DOCKER_HOST is set but ${refused.join(', ') || 'names no engine'}: correct it, or unset it and run \`npm run setup\``,
      cause,
    );
  }
  throw new EngineUnavailable(
    `no container engine was found${refused.map((text) => `; ${text}`).join('')}: run \`npm run setup\``,
    cause,
  );
}

function engineAt({ docker, kind, host }: EngineCandidate, found: EngineVersion): Engine {
  const { Version, Arch, Components = [] } = found;
  const name = Components.some((part) => part.Name.startsWith('Podman')) ? 'Podman' : 'Docker';
  const origin = {
    DOCKER_HOST: 'from DOCKER_HOST',
    system: "the system's",
    rootless: 'rootless',
    private: 'the testbed’s, apart from the host’s network',
  }[kind];
  return {
    docker: patient(docker),
    kind,
    host,
    name,
    version: Version,
    arch: Arch,
    describe: () => `${name} ${Version} at ${host} (${origin})`,
  };
}

function unixCandidate(kind: EngineKind, socketPath: string): EngineCandidate {
  const docker = new Docker({ socketPath });
  return {
    kind,
    host: `unix://${socketPath}`,
    docker,
    probe: async () => (existsSync(socketPath) ? version(docker) : undefined),
  };
}

function version(docker: Docker): Promise<EngineVersion> {
  return answered(docker.version());
}

/** What an engine answers. @throws where it takes too long */
async function answered<T>(answer: Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => limit.reject(new Error(`no answer within ${PROBE_LIMIT_MS / 1000} s`)),
    PROBE_LIMIT_MS,
  );
  try {
    return await Promise.race([answer, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES') {
    return 'permission denied: it needs root or membership of its group';
  }
  return code ?? (error instanceof Error ? error.message : String(error));
}
