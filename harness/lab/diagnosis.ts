import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, release } from 'node:os';
import { hardFileLimitIn } from '../../src/domain/file-limit.ts';
import { contentsOf } from './engine/contents.ts';
import { type Engine, findEngine } from './engine/engine.ts';
import { engineHost } from './engine/engine-host.ts';
import { INOTIFY_INSTANCES_WANTED, inotifyInstances } from './engine/inotify.ts';
import { withoutEngine } from './engine/install.ts';
import { newLabName } from './engine/labels.ts';
import { Fabric } from './fabric/fabric.ts';
import { type Images, requireImages } from './images/images.ts';
import { IPVS_TRIAL } from './ipvs.ts';

/** One point of a diagnosis: `poor` limits what can be done, `bad` prevents it. */
export interface Finding {
  readonly what: string;
  readonly state: 'good' | 'poor' | 'bad';
  readonly found: string;
  readonly cure?: string;
}

const DISK_WANTED_GB = 2;
const MEMORY_WANTED_MB = 500;
const FILES_WANTED = 4096;
/** Bits of capabilities(7) that labs need. */
const CAPABILITIES = { NET_ADMIN: 12, NET_RAW: 13, SYS_PTRACE: 19, SYS_ADMIN: 21, SYS_NICE: 23 } as const;

/** Kernel features, tried in a fabric: the command that fails without each. */
const FEATURES = {
  'network namespaces': {
    argv: ['sh', '-c', 'ip netns add trial && ip -n trial link set lo up'],
    needed: true,
    for: 'every lab',
  },
  veth: {
    argv: ['ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1'],
    needed: true,
    for: 'every lab',
  },
  bridge: { argv: ['ip', 'link', 'add', 'b0', 'type', 'bridge'], needed: true, for: "a lab's switch" },
  'nftables, family bridge': {
    argv: ['nft', 'add', 'table', 'bridge', 'trial'],
    needed: true,
    for: 'security groups',
  },
  IPVS: { argv: IPVS_TRIAL, needed: false, for: 'UDP and SCTP listeners' },
  netem: {
    argv: ['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'],
    needed: false,
    for: 'networks that delay or lose packets at random',
  },
  'packet capture': { argv: ['tcpdump', '-i', 'any', '-d'], needed: true, for: 'all measurement' },
} as const;

/** Examines the machine point by point; changes nothing. */
export async function diagnose(): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const engine = await findEngine().catch((error: Error) => {
    findings.push({ what: 'engine', state: 'bad', found: withoutEngine(error).message });
    return undefined;
  });
  if (engine) findings.push({ what: 'engine', state: 'good', found: engine.describe() });
  const images = engine && (await imagesOf(engine, findings));
  findings.push(...host(), await disk(engine));
  if (engine && images) findings.push(...(await inside(engine, images)));
  return findings;
}

async function imagesOf(engine: Engine, findings: Finding[]): Promise<Images | undefined> {
  try {
    const images = await requireImages(engine);
    findings.push({ what: 'images', state: 'good', found: `${images.amphora}, ${images.fabric}` });
    return images;
  } catch (error) {
    findings.push({ what: 'images', state: 'bad', found: (error as Error).message, cure: 'npm run setup' });
    return undefined;
  }
}

function host(): Finding[] {
  const findings: Finding[] = [{ what: 'kernel', state: 'good', found: release() }];
  const status = contentsOf('/proc/self/status') ?? '';
  const bounding = BigInt(`0x${/^CapBnd:\s+(\S+)/m.exec(status)?.[1] ?? '0'}`);
  const missing = Object.entries(CAPABILITIES)
    .filter(([, bit]) => ((bounding >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => name);
  findings.push({
    what: 'capabilities',
    state: missing.length === 0 ? 'good' : 'poor',
    found:
      missing.length === 0
        ? `${Object.keys(CAPABILITIES).join(', ')} can be granted`
        : `${missing.join(', ')} cannot be granted here`,
    ...(missing.length > 0 && {
      cure: 'run on the host, or in a container that has them; an engine elsewhere may have them',
    }),
  });
  const inotify = inotifyInstances();
  const enough = inotify === undefined || inotify >= INOTIFY_INSTANCES_WANTED;
  findings.push({
    what: 'inotify instances',
    state: enough ? 'good' : 'poor',
    found: String(inotify ?? 'no limit'),
    ...(!enough && {
      cure: `for more than about ten labs at once: sysctl -w fs.inotify.max_user_instances=${INOTIFY_INSTANCES_WANTED}`,
    }),
  });
  const files = hardFileLimitIn(contentsOf('/proc/self/limits') ?? '') ?? Infinity;
  findings.push({
    what: 'open files',
    state: files >= FILES_WANTED ? 'good' : 'bad',
    found: `at most ${files}; HAProxy gets a connection limit that fits`,
    ...(files < FILES_WANTED && {
      cure: `raise the hard limit to ${FILES_WANTED} or more: ulimit -Hn, or limits.conf(5)`,
    }),
  });
  const free = Math.round(freemem() / 1e6);
  findings.push({
    what: 'memory',
    state: free >= MEMORY_WANTED_MB ? 'good' : 'poor',
    found: `${free} MB free; a lab takes up to 250 MB`,
    ...(free < MEMORY_WANTED_MB && { cure: 'end other programs' }),
  });
  return findings;
}

const ROOTLESS: Finding = {
  what: 'rootless',
  state: 'poor',
  found:
    'containers have an ordinary user’s rights: no limit is raised and no kernel module is loaded for them',
  cure: 'load what is missing below as root, before: modprobe -a br_netfilter ip_vs sch_netem',
};

/** What an ordinary user's engine cannot give; the parts of a lab that need it are tried one by one. */
export function rootless(cgroupVersion: '1' | '2'): readonly Finding[] {
  const systemd: Finding = {
    what: 'rootless with control groups of version 1',
    state: 'bad',
    found:
      'an ordinary user’s containers get no control groups to write to, and the systemd of an amphora needs them',
    cure: 'boot with systemd.unified_cgroup_hierarchy=1, or use an engine that runs as root',
  };
  return cgroupVersion === '1' ? [ROOTLESS, systemd] : [ROOTLESS];
}

/** Where systemd says what it lets a user limit (systemd.resource-control(5), Delegate=). */
const CONTROLLERS = '/sys/fs/cgroup/user.slice/user-UID.slice/user@UID.service/cgroup.controllers';

/**
 * Whether an ordinary user's engine can limit the processor: Debian and others let users limit memory and processes alone.
 *
 * @param controllers contents of the user's cgroup.controllers; empty where systemd does not run the user's services
 */
export function delegation(controllers: string): readonly Finding[] {
  if (controllers === '' || /\bcpu\b/.test(controllers)) return [];
  return [
    {
      what: 'processor limits',
      state: 'poor',
      found: `your services may limit ${controllers.trim().split(' ').join(', ')}; scenarios that starve a machine need cpu too`,
      cure: "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload, and log in again",
    },
  ];
}

/** An engine that copies whole images builds them slowly, and fills the disk. */
export function storage(driver: string): readonly Finding[] {
  if (driver !== 'vfs') return [];
  return [
    {
      what: 'storage',
      state: 'poor',
      found:
        'driver vfs: every layer of an image is a whole copy, as Podman 4.3 has it for an ordinary user by default',
      // containers-storage.conf(5)
      cure: `mkdir -p ~/.config/containers && printf '[storage]\\ndriver = "overlay"\\n' >~/.config/containers/storage.conf && podman system reset, which removes its containers and images`,
    },
  ];
}

async function disk(engine: Engine | undefined): Promise<Finding> {
  const own = engine && (await engineHost(engine)).folder;
  // An engine elsewhere keeps its images elsewhere.
  const folder = own !== undefined && existsSync(own) ? own : '/var/lib';
  const { bavail, bsize } = await statfs(folder);
  const gb = (bavail * bsize) / 1e9;
  return {
    what: 'disk',
    state: gb >= DISK_WANTED_GB ? 'good' : 'bad',
    found: `${gb.toFixed(1)} GB free below ${folder}`,
    ...(gb < DISK_WANTED_GB && {
      cure: `free ${DISK_WANTED_GB} GB there, or set AMPHORA_TESTBED_STATE to a folder with room`,
    }),
  };
}

async function inside(engine: Engine, images: Images): Promise<Finding[]> {
  const { cgroupVersion, cgroupDriver, isRootless, storage: driver } = await engineHost(engine);
  const findings: Finding[] = [
    {
      what: 'cgroups',
      state: 'good',
      found: `version ${cgroupVersion}, driver ${cgroupDriver}`,
    },
  ];
  findings.push(...storage(driver));
  if (isRootless) {
    const controllers = contentsOf(CONTROLLERS.replaceAll('UID', String(process.getuid?.()))) ?? '';
    findings.push(...rootless(cgroupVersion), ...delegation(controllers));
  }
  await using stack = new AsyncDisposableStack();
  let fabric: Fabric;
  try {
    fabric = stack.use(await Fabric.start(engine, { lab: newLabName(), image: images.fabric }));
  } catch (error) {
    return [...findings, { what: 'containers', state: 'bad', ...whyNotStarted(error as Error) }];
  }
  for (const [what, { argv, needed, for: purpose }] of Object.entries(FEATURES)) {
    const [result] = await fabric.attempt({ argv: [...argv] });
    const works = result?.exitCode === 0;
    findings.push({
      what,
      state: works ? 'good' : needed ? 'bad' : 'poor',
      found: works ? 'works' : (result?.stderr.split('\n', 1)[0] ?? 'was not tried'),
      ...(!works && { cure: `needed for ${purpose}: use ${giving(what, isRootless)}` }),
    });
  }
  return findings;
}

/** Who gives a feature that is missing. An ordinary user is refused IPVS on kernels that have it. */
export function giving(feature: string, isRootless: boolean): string {
  return isRootless && feature === 'IPVS' ? 'an engine that runs as root' : 'a kernel that has it';
}

/** Why a container with the rights of a lab does not start, and what to do. */
export function whyNotStarted({ message }: Error): Pick<Finding, 'found' | 'cure'> {
  const cure = /rlimit/.test(message)
    ? 'the engine gives containers more than it may: set default_ulimits of containers.conf(5) to what `ulimit -Hn` and `ulimit -Hu` print'
    : 'see what the engine logs; labs need its containers to have the capabilities above';
  return { found: `a lab's does not start: ${message}`, cure };
}
