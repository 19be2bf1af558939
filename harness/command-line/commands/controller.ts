import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { octaviaApi } from '../../../src/api/server.ts';
import { careFor } from '../../../src/controller/care.ts';
import { Controller } from '../../../src/controller/controller.ts';
import { flowFailureLine } from '../../../src/controller/flow-log.ts';
import { ExistingMachines, type MachineFile, readMachines } from '../../../src/controller/machines.ts';
import { DEFAULT_SETTINGS, type Profile } from '../../../src/domain/settings.ts';
import { AgentRefused } from '../../../src/driver/client.ts';
import { connectionsWithin } from '../../../src/driver/connection-limit.ts';
import { AmphoraDriver } from '../../../src/driver/driver.ts';
import { readBelow } from '../../../src/driver/secret.ts';
import type { SecurityGroupRule } from '../../../src/flows/network.ts';
import type { HealthManager } from '../../../src/health/health-manager.ts';
import { receiveHeartbeats } from '../../../src/health/receiver.ts';
import { openStore } from '../../../src/store/sqlite.ts';
import { inMs } from '../../analysis/statistics/milliseconds.ts';
import { UsageError } from '../../usage-error.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { hardFileLimit } from '../file-limit.ts';
import { count, profile, takes } from '../options.ts';
import { fromUser } from '../places.ts';

export interface ControllerOptions {
  readonly machines: string;
  readonly store: string;
  readonly listen: string;
  readonly port: number;
  readonly certificates: string;
  readonly profile: Profile;
  readonly split?: boolean;
  readonly fitMachine?: boolean;
}

const PORT_MAX = 65_535;

export const group: Group = 'Look inside';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('controller')
    .description("Serves Octavia's API v2 for amphorae that run already.")
    .addOption(
      takes(
        '--machines <file>',
        'Reads from this JSON file how to reach the amphorae.',
        {},
      ).makeOptionMandatory(),
    )
    .addOption(
      takes('--store <file>', 'Keeps load balancers and flows in this SQLite file.', {
        unset: 'controller.sqlite',
      }),
    )
    .addOption(
      takes('--listen <address>', 'Serves at this address, without authentication.', { unset: '127.0.0.1' }),
    )
    .addOption(takes('--port <n>', 'Serves at this TCP port.', { parse: count(PORT_MAX), unset: 9876 }))
    .addOption(
      takes('--certificates <folder>', 'Reads TLS material, referred to as file:NAME, from this folder.', {
        unset: 'certificates',
      }),
    )
    .addOption(profile())
    .option('--split', 'Runs one HAProxy for each listener, as in Rocky.')
    .option(
      '--fit-machine',
      "Limits connections to what this machine's limit of open files can hold, instead of the amphora's.",
    )
    .example('npm run controller -- --machines machines.json')
    .action(async (options) => finish(await controller(options, signal)));
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
  const fileLimit = options.fitMachine ? await hardFileLimit() : Number.POSITIVE_INFINITY;
  const settings = {
    ...DEFAULT_SETTINGS,
    profile: options.profile,
    split: options.split ?? false,
    haproxy_maxconn: Math.min(DEFAULT_SETTINGS.haproxy_maxconn, connectionsWithin(fileLimit)),
  };
  const readSecret = readBelow(fromUser(options.certificates));
  await using driver = new AmphoraDriver(tls, {
    readSecret,
    split: settings.split,
    fitConnections: true,
  });
  const machines = new ExistingMachines({
    file,
    inUse: () => new Set(worker.deployments.flatMap(({ amphorae }) => amphorae.map(({ id }) => id))),
    addresses: () =>
      worker.deployments.flatMap(({ vip, loadBalancer: { additional_vips, pools } }) => [
        ...[vip, ...additional_vips].map(({ ip_address }) => ip_address).filter((address) => address !== ''),
        ...pools.flatMap((pool) => pool.members.map((member) => member.address)),
      ]),
    // A dead machine has stopped serving already.
    release: async (machine) => {
      if (!(await driver.reachable(machine))) return;
      await driver.vrrp(machine, 'stop').catch((error: unknown) => {
        // A single amphora has no keepalived: systemd says so of a missing unit.
        if (!(error instanceof AgentRefused) || !/not loaded/.test(error.message)) throw error;
      });
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
    onTask: ({ name, durationMs }) => say(`${name} ${inMs(durationMs)}`),
    onFlow: (failure) => say(flowFailureLine(failure)),
  });
  const resumed = worker.resume();
  await using health = await watchHeartbeats(worker, file.health_manager, {
    machines: options.machines,
    say,
  });
  await using api = octaviaApi(worker, { ...(health && { statistics: health.statistics }), readSecret });
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
  await resumed;
  if (!signal.aborted) {
    const { promise: interrupted, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    await interrupted;
  }
  return EXIT.ok;
}

/** The health manager, where the file has the key of the amphorae's heartbeats. */
async function watchHeartbeats(
  worker: Controller,
  settings: MachineFile['health_manager'],
  { machines, say }: { readonly machines: string; readonly say: (text: string) => void },
): Promise<(AsyncDisposable & Pick<HealthManager, 'statistics'>) | undefined> {
  if (!settings) {
    say(
      `${machines} has no health_manager: no heartbeat is read, operating statuses stay as they are, and no amphora is failed over automatically.`,
    );
    return undefined;
  }
  await using stack = new AsyncDisposableStack();
  const manager = stack.use(
    careFor(worker, settings, {
      onStale: (id, silentMs) =>
        say(
          `amphora ${id}: no heartbeat for ${Math.round(silentMs / 1000)} s with all its listeners: failover`,
        ),
      onFailedOver: (id) => say(`amphora ${id}: failed over`),
      // The flow has logged the reason.
      onFailure: (id) => say(`amphora ${id}: the failover failed; the amphora is still watched`),
    }),
  );
  const { bind_ip: host, bind_port: port } = settings;
  const receiver = await receiveHeartbeats(manager, { host, port }).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${machines}: health_manager: bind_ip ${host}, bind_port ${port} cannot be listened on (${cause.code}).`,
      { cause },
    );
  });
  stack.use(receiver);
  say(`heartbeats are read at ${host}, UDP port ${receiver.port}`);
  manager.check();
  const watching = stack.move();
  return {
    statistics: manager.statistics,
    [Symbol.asyncDispose]: () => watching.disposeAsync(),
  };
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
