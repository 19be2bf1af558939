import { Duplex, PassThrough, type Readable } from 'node:stream';
import type { ContainerCreateOptions } from 'dockerode';
import type { Engine } from './engine.ts';
import { LABEL, OWNER, SESSION } from './labels.ts';
import { WITHOUT_LOG } from './without-log.ts';
import { WITHOUT_NETWORK } from './without-network.ts';

/** A started container, and the connection to its standard streams. */
export interface Attached {
  readonly containerId: string;
  /** Its standard output, and its standard input. */
  readonly streams: Duplex;
  readonly stderr: Readable;
  /** Resolves when the container has ended, for any reason. */
  readonly ended: Promise<void>;
}

/**
 * Creates a container of a lab, connects to it and starts it. Its input ends when this process does: one that ends
 * with its input leaves nothing behind, as the engine then removes it.
 *
 * @param role names it within its lab
 */
export async function startAttached(
  engine: Engine,
  { lab, role }: { readonly lab: string; readonly role: string },
  options: ContainerCreateOptions,
): Promise<Attached> {
  const container = await engine.docker.createContainer({
    ...options,
    ...WITHOUT_NETWORK,
    name: `${lab}-${role}`,
    Labels: {
      [LABEL.lab]: lab,
      [LABEL.role]: role,
      [LABEL.owner]: OWNER,
      [LABEL.session]: SESSION,
    },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: { AutoRemove: true, NetworkMode: 'none', ...WITHOUT_LOG, ...options.HostConfig },
  });
  try {
    const attached = await container.attach({
      ...{ stream: true, hijack: true },
      ...{ stdin: true, stdout: true, stderr: true },
    });
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    container.modem.demuxStream(attached, stdout, stderr);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    attached.on('close', resolve);
    attached.on('end', resolve);
    attached.on('error', () => resolve());
    await container.start();
    const streams = Duplex.from({ readable: stdout, writable: attached });
    streams.on('error', () => {});
    return { containerId: container.id, streams, stderr, ended };
  } catch (error) {
    await container.remove({ force: true }).catch(() => {});
    throw error;
  }
}
