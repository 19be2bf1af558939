import type { Engine } from './engine.ts';

/** What the machine on which an engine runs gives to containers. */
export interface EngineHost {
  /** Version of control groups. */
  readonly cgroupVersion: '1' | '2';
  readonly cgroupDriver: string;
  /** Whether containers run in the user namespace of an ordinary user. */
  readonly isRootless: boolean;
  /** Where it keeps images and containers. */
  readonly folder: string;
  /** How it lays one image's files over another's, e.g. `overlay2`; `vfs` copies them. */
  readonly storage: string;
}

// biome-ignore lint/suspicious/noExplicitAny: as dockerode has it
type Info = any;

const known = new WeakMap<Engine, Promise<Info>>();

/** An engine's version, storage and machine. It is asked once: Docker starts two programs for the answer. */
export function engineInfo(engine: Engine): Promise<Info> {
  const asked = known.get(engine) ?? engine.docker.info();
  known.set(engine, asked);
  asked.catch(() => known.delete(engine));
  return asked;
}

/** The machine of an engine. */
export async function engineHost(engine: Engine): Promise<EngineHost> {
  const info = await engineInfo(engine);
  const options: readonly string[] = info.SecurityOptions ?? [];
  return {
    // Engines that know of the first version only do not name it.
    cgroupVersion: String(info.CgroupVersion ?? '1') === '2' ? '2' : '1',
    cgroupDriver: String(info.CgroupDriver),
    // Docker names it among its security options, Podman in a field of its own.
    isRootless: info.Rootless === true || options.some((option) => /^name=rootless\b/.test(option)),
    folder: String(info.DockerRootDir ?? '/var/lib'),
    storage: String(info.Driver),
  };
}
