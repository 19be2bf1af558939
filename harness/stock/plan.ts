/** What a stock machine is, and what is checked on it: data, and the scripts that a guest runs. */
import { randomUUID } from 'node:crypto';
import { shellWord } from '../syntax/shell-word.ts';

/** A Debian release as it is installed, by its code name. */
export interface StockMachine {
  readonly title: string;
  /** More than {@link PACKAGES}. */
  readonly packages: readonly string[];
}

export const MACHINES = {
  bookworm: { title: 'Debian 12', packages: [] },
  trixie: { title: 'Debian 13', packages: ['docker-cli'] },
  forky: { title: 'Debian 14 (testing)', packages: ['docker-cli'] },
} as const satisfies Readonly<Record<string, StockMachine>>;
export type MachineName = keyof typeof MACHINES;

/** Debian's packages that every machine has. */
export const PACKAGES: readonly string[] = [
  ...['linux-image-amd64', 'initramfs-tools', 'systemd', 'systemd-sysv', 'udev', 'kmod'],
  ...['dbus', 'dbus-user-session', 'libpam-systemd', 'procps', 'iproute2', 'iptables', 'ca-certificates'],
  // Debian's kernel has AppArmor on, and Docker starts no container without its parser.
  'apparmor',
  ...['docker.io', 'podman', 'crun', 'rootlesskit', 'uidmap', 'slirp4netns', 'fuse-overlayfs'],
];

/** An ordinary user of the machine; its number is the first that Debian gives (adduser.conf(5)). */
export const USER = { name: 'tester', uid: 1000 } as const;
const RUNTIME = `/run/user/${USER.uid}`;

/** A way to run containers. */
export interface StockEngine {
  readonly title: string;
  /** Starts it, as root. */
  readonly start: string;
  /** The program that loads images; it takes `load`. */
  readonly client: string;
  /** Who runs the testbed. */
  readonly user: 'root' | typeof USER.name;
  /** The Debian package whose version the table shows. */
  readonly package: string;
  /** Machines on which this version cannot do it. */
  readonly lackedBy?: readonly MachineName[];
}

const asUserService = `--user --machine=${USER.name}@`;

export const ENGINES = {
  docker: {
    title: 'docker.io',
    start: 'systemctl start docker.service',
    client: 'docker',
    user: 'root',
    package: 'docker.io',
  },
  'docker-containerd': {
    title: 'docker.io, containerd image store',
    start:
      'mkdir -p /etc/docker; echo \'{"features":{"containerd-snapshotter":true}}\' >/etc/docker/daemon.json; systemctl start docker.service',
    client: 'docker',
    user: 'root',
    package: 'docker.io',
    // Docker 20.10 has its own image store only.
    lackedBy: ['bookworm'],
  },
  podman: {
    title: 'Podman, root',
    start: 'systemctl start podman.socket',
    client: 'podman',
    user: 'root',
    package: 'podman',
  },
  'podman-rootless': {
    title: 'Podman, rootless',
    // Else Debian 12 copies every layer whole (driver vfs); `setup --check` names that, and how to change it.
    start: `runuser -u ${USER.name} -- sh -c 'cd /home/${USER.name} && mkdir -p .config/containers && printf "[storage]\\ndriver = \\"overlay\\"\\n" >.config/containers/storage.conf'; systemctl ${asUserService} start podman.socket`,
    client: 'podman',
    user: USER.name,
    package: 'podman',
  },
  'docker-rootless': {
    title: 'docker.io, rootless',
    // Debian has the script among its examples, outside of PATH.
    start: `systemd-run ${asUserService} --unit=docker --property=Delegate=yes --setenv=PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/share/docker.io/contrib/dockerd-rootless.sh`,
    client: `docker --host unix://${RUNTIME}/docker.sock`,
    user: USER.name,
    package: 'docker.io',
  },
} as const satisfies Readonly<Record<string, StockEngine>>;
export type EngineName = keyof typeof ENGINES;

/** Whether an engine can be had on a machine. */
export function isOn(machine: MachineName, engine: EngineName): boolean {
  const { lackedBy = [] }: StockEngine = ENGINES[engine];
  return !lackedBy.includes(machine);
}

/** Scenarios of every kind of fault, beside the two that stand for the whole: power loss, and a network that delays. */
const SCENARIOS = [
  'master-kill',
  'delayed-network',
  'udp-master-kill',
  'master-freeze',
  'master-reboot',
  'cpu-starved-master',
  'haproxy-kill',
  'keepalived-kill',
  'port-cut',
  'partition',
  'listener-change',
  'ipv6-vip',
  'peer-sync',
] as const;

/** Starts the engine and makes what the other checks need. */
export const SETUP = 'setup';
/** The checks in their order: the first makes what the others need, the last removes it. */
export const CHECKS: readonly string[] = [SETUP, 'check', ...SCENARIOS, 'prune'];

/** One command runs up to this many scenarios: it starts once for all of them, and its end is what is kept. */
const SCENARIOS_AT_ONCE = 5;

/** What one command each checks, in this order. */
export function commandsFor(checks: readonly string[]): readonly (readonly string[])[] {
  const commands: string[][] = [];
  for (const check of checks) {
    const last = commands.at(-1);
    if (last && last.length < SCENARIOS_AT_ONCE && [check, ...last].every(isScenario)) last.push(check);
    else commands.push([check]);
  }
  return commands;
}

function isScenario(check: string): boolean {
  return (SCENARIOS as readonly string[]).includes(check);
}

/** Where the guest finds its second disk. */
export const PAYLOAD = '/stock';
/** Begins a line of the guest's that is a result. */
export const MARK = '@stock';

/** Longest time that a check may take in the guest. */
const CHECK_LIMIT_S = 1200;

/** Where the guest finds its third disk: the script that it is to run next, with line breaks up to its end. */
const SCRIPT = '/dev/vdc';
export const SCRIPT_BYTES = 65_536;

/**
 * What a guest does from its boot on: it waits for scripts, and runs each once. Their first lines differ. A snapshot is
 * taken while it waits, and the disk may have another script when the machine goes on from it.
 */
export const GUEST_LOOP = `#!/bin/sh
exec >/dev/virtio-ports/stock 2>&1
echo "${MARK} waits"
while sleep 1; do
  blockdev --flushbufs ${SCRIPT}
  read -r first <${SCRIPT}
  [ "$first" = "$last" ] || sh ${SCRIPT}
  last=$first
done
`;

/**
 * The script that runs a command for checks, between two lines that begin with {@link MARK}; the set-up starts the engine
 * first. Each line of the command's begins with the time by the guest's clock, s.
 */
export function guestScript(engine: EngineName, checks: readonly string[]): string {
  const { start, client, user } = ENGINES[engine];
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const runtime = user === 'root' ? '/run/user/0' : RUNTIME;
  const asUser = `${user === 'root' ? '' : `runuser -u ${user} -- `}env HOME=${home} USER=${user} XDG_RUNTIME_DIR=${runtime} PATH=${PAYLOAD}/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c`;
  const begin = [
    'blockdev --flushbufs /dev/vdb',
    `mount -o ro /dev/vdb ${PAYLOAD}`,
    // Modules that an administrator loads; an engine without root cannot.
    'modprobe -a br_netfilter ip_vs sch_netem 2>/dev/null',
    `${start} || echo "the engine's start ended with $?"`,
    `until ${asUser} ${shellWord(`${client} version`)} >/dev/null 2>/tmp/version; do sleep 1; tries=$((tries + 1)); [ "$tries" -lt 60 ] || { cat /tmp/version; break; }; done`,
  ];
  const names = checks.join(',');
  return [
    `# ${engine} ${names} ${randomUUID()}`,
    'now() { read -r seconds _ </proc/uptime; }',
    `echo "${MARK} kernel $(uname -r)"`,
    ...(names === SETUP ? begin : []),
    `now; begun=$seconds; echo "${MARK} begin ${names}"`,
    `{ timeout ${CHECK_LIMIT_S} ${asUser} ${shellWord(`cd; ${commandOf(checks, client)}`)} 2>&1; echo $? >/tmp/code; } |`,
    `while IFS= read -r line; do now; printf '%s %s\\n' "$seconds" "$line"; done`,
    `now; echo "${MARK} end ${names} $(cat /tmp/code) $begun $seconds"`,
    '',
  ].join('\n');
}

function commandOf(checks: readonly string[], client: string): string {
  const [check = ''] = checks;
  if (check === SETUP) return `${client} load <${PAYLOAD}/base.tar && amphora-testbed setup`;
  if (check === 'check') return 'amphora-testbed setup --check';
  if (check === 'prune')
    // The base was loaded, not made here.
    return `${client} ps --all; amphora-testbed prune --images && test -z "$(${client} ps --all --quiet)" && ! ${client} images --format "{{.Repository}}" | grep amphora-testbed/[^b]`;
  // The machine has one processor.
  return `amphora-testbed scenario ${checks.join(' ')} --parallel 1`;
}
