import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { contentsOf } from '../../lab/engine/contents.ts';
import { programPath } from '../../lab/engine/private-engine.ts';

/** The parts of the host that a lab must not change: compared before and after. */
export interface HostState {
  /** Names of the links in the network namespace of this process. */
  readonly links: readonly string[];
  /** Lines of nft's and iptables' rules there, counters left out. */
  readonly rules: readonly string[];
  /** `name = value` of each setting below {@link SETTINGS}. */
  readonly sysctls: readonly string[];
}

const SETTINGS = ['net', 'fs/inotify', 'kernel', 'vm'] as const;
/** Values that change by themselves; no settings. */
const MOVING =
  /^kernel\/(random|ns_last_pid|pty\/nr|.*timestamp)|count$|route\/flush|stat_refresh|drop_caches|compact_memory/;

/** Reads what a lab must not change. */
export async function hostState(): Promise<HostState> {
  const lines = async (program: string, args: readonly string[]) => {
    const path = programPath(program);
    if (!path) return [];
    const { stdout } = await execa(path, args, { reject: false });
    return stdout.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  };
  const [links, nft, iptables] = await Promise.all([
    lines('ip', ['-oneline', 'link', 'show']),
    lines('nft', ['--stateless', 'list', 'ruleset']),
    lines('iptables-save', []),
  ]);
  return {
    links: links.map((line) => line.split(/[:@]/)[1]?.trim() ?? line).sort(),
    rules: [...nft, ...iptables],
    sysctls: SETTINGS.flatMap((folder) => settings(folder)),
  };
}

function settings(folder: string): string[] {
  const root = join('/proc/sys', folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (MOVING.test(name)) return [];
    if (entry.isDirectory()) return settings(name);
    const value = contentsOf(join('/proc/sys', name));
    return value === undefined ? [] : [`${name} = ${value.trim()}`];
  });
}

/** A process as /proc shows it (proc(5)). */
export interface Process {
  readonly pid: number;
  readonly command: string;
  readonly program: string;
  readonly environment: readonly string[];
  /** Its control groups, one a line. */
  readonly cgroups: string;
  /** The inodes of its namespaces, e.g. `net:[4026531840]`. */
  readonly namespaces: readonly string[];
}

const NAMESPACES = ['net', 'mnt', 'ipc', 'uts', 'pid'] as const;

/** All living processes that this user may read; a zombie holds only its pid. */
export function processes(): readonly Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
}

/** Undefined when it has gone, is a zombie, or belongs to somebody else. */
export function processOf(pid: number): Process | undefined {
  const folder = `/proc/${pid}`;
  const environment = contentsOf(`${folder}/environ`);
  const command = contentsOf(`${folder}/cmdline`);
  if (environment === undefined || !command) return undefined;
  return {
    pid,
    command: command.replaceAll('\0', ' ').trim(),
    program: basename(link(`${folder}/exe`) ?? ''),
    environment: environment.split('\0'),
    cgroups: contentsOf(`${folder}/cgroup`) ?? '',
    namespaces: NAMESPACES.flatMap((kind) => link(`${folder}/ns/${kind}`) ?? []),
  };
}

/** Mounts of this process's namespace, one a line (proc_pid_mountinfo(5)). */
export function mounts(): readonly string[] {
  return (contentsOf('/proc/self/mountinfo') ?? '').split('\n').filter(Boolean);
}

function link(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
