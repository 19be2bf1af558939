import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { octaviaApi } from '../../src/api/server.ts';
import { Controller } from '../../src/controller/controller.ts';
import { ExistingMachines, readMachines } from '../../src/controller/machines.ts';
import type { SecurityGroupRule } from '../../src/controller/network.ts';
import { DEFAULT_SETTINGS, type Profile } from '../../src/domain/settings.ts';
import { AmphoraDriver } from '../../src/driver/driver.ts';
import { readBelow } from '../../src/driver/secret.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { UsageError } from '../scenario/parameters.ts';
import { EXIT } from './errors.ts';
import { fromUser } from './places.ts';

export interface ControllerOptions {
  readonly machines: string;
  readonly store: string;
  readonly listen: string;
  readonly port: number;
  readonly certificates: string;
  readonly profile: Profile;
  readonly split?: boolean;
}

/** `controller`: serves Octavia's API v2 for amphorae that run already, until it is interrupted. */
export async function controller(options: ControllerOptions, signal: AbortSignal): Promise<number> {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const file = await readMachines(fromUser(options.machines));
  const [ca, cert, key] = await Promise.all(
    (['ca', 'cert', 'key'] as const).map((name) => tlsFile(options.machines, `tls.${name}`, file.tls[name])),
  );
  const tls = { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw new UsageError(
      `${options.machines}: tls takes PEM files of an authority, a certificate and its key; found others (${(cause as Error).message}).`,
      { cause },
    );
  }
  using store = openStore(fromUser(options.store));
  const settings = { ...DEFAULT_SETTINGS, profile: options.profile, split: options.split ?? false };
  await using driver = new AmphoraDriver(tls, {
    readSecret: readBelow(fromUser(options.certificates)),
    split: settings.split,
  });
  const machines = new ExistingMachines({
    file,
    inUse: () => new Set(worker.deployments.flatMap(({ amphorae }) => amphorae.map(({ id }) => id))),
    // One that is dead has stopped serving by itself.
    release: async (machine) => {
      if (await driver.reachable(machine)) await driver.vrrp(machine, 'stop');
    },
    onRules: (vip, rules) => say(`security group of ${vip.ip_address}: ${rules.map(describe).join(', ')}`),
  });
  const worker: Controller = new Controller({
    compute: machines,
    network: machines,
    driver,
    bootFiles: async () => [],
    settings,
    store,
    onTask: ({ name, durationMs }) => say(`${name} ${durationMs.toFixed(0)} ms`),
  });
  const resumed = worker.resume();
  await using api = octaviaApi(worker);
  const { listen: host, port } = options;
  const address = await api.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(
      `--listen and --port: nothing can be served at ${host}, port ${port} (${cause.code}).`,
      {
        cause,
      },
    );
  });
  process.stdout.write(`Octavia's API v2 at ${address}/v2/lbaas, without authentication; Ctrl-C ends it\n`);
  for (const outcome of await resumed) {
    if (outcome.status === 'rejected') say(`${outcome.reason}`);
  }
  if (!signal.aborted) {
    const { promise: interrupted, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    await interrupted;
  }
  return EXIT.ok;
}

async function tlsFile(machines: string, field: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${machines}: ${field} takes a file that can be read; found "${path}" (${cause.code}).`,
      {
        cause,
      },
    );
  });
}

function describe({ protocol, port, remote }: SecurityGroupRule): string {
  return `${protocol}${port ? ` ${port}` : ''} from ${remote?.join(' ') ?? 'anyone'}`;
}
