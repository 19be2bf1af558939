import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, hostname, loadavg } from 'node:os';
import { AMPHORA_NETNS } from '../templates/paths.ts';
import type { Answer } from './answer.ts';
import { haproxyIds } from './check-script.ts';
import { command } from './command.ts';
import { frontendsHere, haproxyRuns } from './haproxy.ts';
import { lvsListenerIds } from './lvs-listeners.ts';

/** What runs here: GET /info. */
export async function info(): Promise<Answer> {
  return { status: 200, body: await versions() };
}

/** The amphora's state: GET /details. */
export async function details(): Promise<Answer> {
  const [known, ids, cpu, memory, disk, networks, found, lvs] = await Promise.all([
    versions(),
    haproxyIds(),
    cpuTimes(),
    memoryKb(),
    statfs('/'),
    networkCounters(),
    frontendsHere(),
    lvsListenerIds(),
  ]);
  return {
    status: 200,
    body: {
      ...known,
      active: true,
      haproxy_count: (await Promise.all(ids.map(haproxyRuns))).filter(Boolean).length,
      cpu_count: availableParallelism(),
      cpu,
      memory,
      disk: { used: (disk.blocks - disk.bfree) * disk.bsize, available: disk.bavail * disk.bsize },
      load: loadavg().map((value) => value.toFixed(2)),
      // Upstream's agent always answers this.
      topology: 'SINGLE',
      topology_status: 'OK',
      networks,
      packages: {},
      listeners: [...found.map(({ uuid }) => uuid), ...lvs].sort(),
    },
  };
}

let known: Promise<Record<string, string>> | undefined;

function versions(): Promise<Record<string, string>> {
  const version = (program: string, args: string[], pattern: RegExp) =>
    command(program, args).then(
      (text) => pattern.exec(text)?.[1] ?? 'unknown',
      () => '',
    );
  known ??= Promise.all([
    version('haproxy', ['-v'], /version (\S+)/),
    version('keepalived', ['--version'], /Keepalived v(\S+)/),
    version('ipvsadm', ['--version'], /ipvsadm v(\S+)/),
  ]).then(([haproxy_version, keepalived_version, ipvsadm_version]) => ({
    hostname: hostname(),
    haproxy_version,
    api_version: '1.0',
    keepalived_version,
    ipvsadm_version,
  }));
  return known;
}

/** As /proc/stat counts them (proc_stat(5)); on the wire only the total is a number. */
async function cpuTimes(): Promise<Record<string, string | number>> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const times = line.split(/\s+/).slice(1);
  const [user = '0', , system = '0', , , , soft_irq = '0'] = times;
  return { user, system, soft_irq, total: times.reduce((sum, value) => sum + Number(value), 0) };
}

async function memoryKb(): Promise<Record<string, number>> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return {
    total: field('MemTotal'),
    free: field('MemFree'),
    buffers: field('Buffers'),
    cached: field('Cached'),
    shared: field('Shmem'),
    slab: field('Slab'),
    swap_used: field('SwapCached'),
  };
}

async function networkCounters(): Promise<Record<string, { network_rx: number; network_tx: number }>> {
  const text = await command('ip', ['netns', 'exec', AMPHORA_NETNS, 'cat', '/proc/net/dev']).catch(() => '');
  const counters = [...text.matchAll(/^\s*(\S+):\s*(\d+)(?:\s+\d+){7}\s+(\d+)/gm)];
  return Object.fromEntries(
    counters
      .filter(([, name]) => name?.startsWith('eth'))
      .map(([, name = '', rx, tx]) => [name, { network_rx: Number(rx), network_tx: Number(tx) }]),
  );
}
