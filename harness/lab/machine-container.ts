import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HostConfig } from 'dockerode';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { asLost } from './engine/connection.ts';
import type { Engine } from './engine/engine.ts';
import { WITHOUT_NETWORK } from './engine/without-network.ts';

/** A machine as a container: systemd is its process 1, and it has no network. */
class MachineContainer extends GenericContainer {
  constructor(image: string, hostConfig: HostConfig) {
    super(image);
    this.withNetworkMode('none')
      .withAutoCleanup(false)
      // Else it asks the engine whether the image has a health check.
      .withWaitStrategy(Wait.forListeningPorts())
      .withPullPolicy({ shouldPull: () => 'never' })
      .withEnvironment({ container: 'docker' });
    Object.assign(this.hostConfig, hostConfig);
    Object.assign(this.createOpts, WITHOUT_NETWORK, { StopSignal: 'SIGRTMIN+3' });
  }

  /** Has its first process find these bytes at its standard input. */
  withInput({ docker }: Pick<Engine, 'docker'>, input: Readable): this {
    Object.assign(this.createOpts, { OpenStdin: true, StdinOnce: true });
    this.containerCreated = async (id) => {
      const stdin = await docker.getContainer(id).attach({ stream: true, hijack: true, stdin: true });
      // The engine answers nothing, and its end of the connection is seen by who reads.
      stdin.resume();
      // The process reads it once the container runs, and sees where it breaks off.
      pipeline(input, stdin).catch(() => {});
    };
    return this;
  }
}

let found: Promise<unknown> | undefined;

/** Has testcontainers find the engine: machines that are started at once would each look for it. */
export async function prepare({ host }: Pick<Engine, 'host'>): Promise<void> {
  // It looks for its engine by itself; no reaper image can be had where no registry answers, and the fabric's dead-man's
  // switch does that work.
  process.env.DOCKER_HOST = host;
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  // Else it asks for the engine's default bridge, which ours does not have. No port of a container is used.
  process.env.TESTCONTAINERS_HOST_OVERRIDE = 'localhost';
  found ??= getContainerRuntimeClient();
  // The start of a container reports what is wrong.
  await found.catch(() => {});
}

/** Starts a machine's container, with the engine that has been prepared; gives its id. */
export async function startContainer({
  engine,
  name,
  hostname,
  hosts,
  image,
  entrypoint,
  labels,
  archive,
  hostConfig,
}: {
  readonly engine: Pick<Engine, 'docker'>;
  readonly name: string;
  readonly hostname: string;
  /** Addresses by name. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly image: string;
  /** Replaces what the image starts, and unpacks the archive from its standard input. */
  readonly entrypoint: readonly string[] | undefined;
  readonly labels: Record<string, string>;
  /** What the container holds more than its image, as a tar; the engine unpacks it where no entry point does. */
  readonly archive: Readable;
  readonly hostConfig: HostConfig;
}): Promise<string> {
  const machine = new MachineContainer(image, hostConfig);
  if (entrypoint) machine.withEntrypoint([...entrypoint]).withInput(engine, archive);
  else machine.withCopyArchivesToContainer([{ tar: archive, target: '/' }]);
  const container = await machine
    .withName(name)
    .withHostname(hostname)
    .withExtraHosts(Object.entries(hosts).map(([host, ipAddress]) => ({ host, ipAddress })))
    .withLabels(labels)
    .start()
    .catch((error: Error) => {
      throw asLost(error);
    });
  return container.getId();
}
