import type { Readable } from 'node:stream';
import type { HostConfig } from 'dockerode';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import { asLost } from './engine/connection.ts';
import type { Engine } from './engine/engine.ts';
import { WITHOUT_NETWORK } from './engine/without-network.ts';

/** A machine as a container: systemd is its process 1, and it has no network. */
class MachineContainer extends GenericContainer {
  constructor(image: string, hostConfig: HostConfig) {
    super(image);
    this.withNetworkMode('none')
      .withAutoCleanup(false)
      .withPullPolicy({ shouldPull: () => 'never' })
      .withEnvironment({ container: 'docker' });
    Object.assign(this.hostConfig, hostConfig);
    Object.assign(this.createOpts, WITHOUT_NETWORK, { StopSignal: 'SIGRTMIN+3' });
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
  name,
  hostname,
  hosts,
  image,
  entrypoint,
  labels,
  archive,
  hostConfig,
}: {
  readonly name: string;
  readonly hostname: string;
  /** Addresses by name. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly image: string;
  /** Replaces what the image starts. */
  readonly entrypoint?: readonly string[];
  readonly labels: Record<string, string>;
  readonly archive: Readable;
  readonly hostConfig: HostConfig;
}): Promise<string> {
  const machine = new MachineContainer(image, hostConfig);
  if (entrypoint) machine.withEntrypoint([...entrypoint]);
  const container = await machine
    .withName(name)
    .withHostname(hostname)
    .withExtraHosts(Object.entries(hosts).map(([host, ipAddress]) => ({ host, ipAddress })))
    .withLabels(labels)
    .withCopyArchivesToContainer([{ tar: archive, target: '/' }])
    .start()
    .catch((error: Error) => {
      throw asLost(error);
    });
  return container.getId();
}
