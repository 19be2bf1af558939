import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, hostname, loadavg } from 'node:os';
import { AMPHORA_NETNS } from '../templates/paths.ts';
import type { Answer } from './answer.ts';
import { haproxyIds } from './check-script.ts';
import { command } from './command.ts';
import { listeners } from './haproxy.ts';

/** What runs here: GET /info. */
export async function info(): Promise<Answer> {
  return { status: 200, body: await versions() };
}

/** How the amphora fares: GET /details. */
export async function details(): Promise<Answer> {
  const [known, ids, cpu, memory, disk, networks, found] = await Promise.all([
    versions(),
    haproxyIds(),
    cpuTimes(),
    memoryKb(),
    statfs('/'),
    networkCounters(),
    listeners(),
  ]);
  const keepalived = await command('systemctl', ['is-active', 'octavia-keepalived.service']).catch(() => '');
  return {
    status: 200,
    body: {
      ...known,
      active: true,
      haproxy_count: ids.length,
      cpu_count: availableParallelism(),
      cpu,
      memory,
      disk: { used: (disk.blocks - disk.bfree) * disk.bsize, available: disk.bavail * disk.bsize },
      load: loadavg().map((value) => value.toFixed(2)),
      topology: keepalived ? 'ACTIVE_STANDBY' : 'SINGLE',
      topology_status: keepalived.trim() === 'active' || !keepalived ? 'OK' : 'ERROR',
      networks,
      packages: {},
      listeners: found.body,
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

async function cpuTimes(): Promise<Record<string, number>> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [user = 0, , system = 0, , , , soft_irq = 0] = line.split(/\s+/).slice(1).map(Number);
  const total = line
    .split(/\s+/)
    .slice(1)
    .reduce((sum, value) => sum + Number(value), 0);
  return { user, system, soft_irq, total };
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
    swap_used: field('SwapTotal') - field('SwapFree'),
  };
}

async function networkCounters(): Promise<Record<string, { network_rx: number; network_tx: number }>> {
  const text = await command('ip', ['netns', 'exec', AMPHORA_NETNS, 'cat', '/proc/net/dev']).catch(() => '');
  const counters = [...text.matchAll(/^\s*(\S+):\s*(\d+)(?:\s+\d+){7}\s+(\d+)/gm)];
  return Object.fromEntries(
    counters
      .filter(([, name]) => name !== 'lo')
      .map(([, name = '', rx, tx]) => [name, { network_rx: Number(rx), network_tx: Number(tx) }]),
  );
}
