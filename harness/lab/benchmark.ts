import type { Network } from 'dockerode';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { removeContainer } from './engine/containers.ts';
import type { Engine } from './engine/engine.ts';
import { engineHost } from './engine/engine-host.ts';
import { LABEL, newLabName, OWNER } from './engine/labels.ts';
import type { Images } from './images/images.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { initOf, machineHostConfig, remountsGroups } from './machines.ts';
import { untilServed } from './service.ts';

const SERVICE_LIMIT_MS = 120_000;
/** And so much more for each lab that is built at the same time. */
const SERVICE_LIMIT_EACH_MS = 3000;

/** What one lab took; ms since it was asked for, except the tear-down. */
export interface LabFigures {
  readonly networkReadyMs: number;
  readonly agentsReadyMs: number;
  readonly servingMs: number;
  readonly tearDownMs: number;
  /** Memory of all its containers without the page cache. */
  readonly memoryMb: number;
}

/** Builds a lab, waits until its VIP serves, and removes it. */
export async function measureLab(
  engine: Engine,
  images: Images,
  {
    atOnce = 1,
    serving = async () => {},
  }: {
    /** How many labs are built at the same time, with this one. */
    readonly atOnce?: number;
    /** Called once it serves; it stays until this resolves. */
    readonly serving?: () => Promise<void>;
  } = {},
): Promise<LabFigures> {
  const loadBalancer = defaultLoadBalancer();
  const startedMs = performance.now();
  let tearDownFromMs = 0;
  let figures: Omit<LabFigures, 'tearDownMs'>;
  {
    await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
    const forward = await lab.forwardVip(lab.port);
    const limitMs = SERVICE_LIMIT_MS + atOnce * SERVICE_LIMIT_EACH_MS;
    await untilServed(`http://127.0.0.1:${forward.port}`, limitMs);
    const servingMs = performance.now() - startedMs;
    const memoryMb = await memoryOf(engine, [
      lab.fabric.containerId,
      ...lab.amphorae.map(({ instance }) => instance.containerId),
    ]);
    const { networkReadyMs, agentsReadyMs } = lab.times;
    figures = { networkReadyMs, agentsReadyMs, servingMs, memoryMb };
    await serving();
    tearDownFromMs = performance.now();
  }
  return { ...figures, tearDownMs: performance.now() - tearDownFromMs };
}

/**
 * The obvious alternative: the same three containers on two of the engine's own networks, until systemd runs
 * in each of them.
 */
export async function measurePlainContainers(
  engine: Engine,
  image: string,
): Promise<{ readonly startedMs: number; readonly systemdMs: number; readonly tearDownMs: number }> {
  const name = newLabName();
  const labels = { [LABEL.lab]: name, [LABEL.owner]: OWNER };
  const host = await engineHost(engine);
  const entrypoint = remountsGroups(engine, host) && initOf(['/sbin/init'], ['remountGroups']);
  const fromMs = performance.now();
  let startedMs = 0;
  const networks: Network[] = [];
  const containers: string[] = [];
  try {
    for (const suffix of ['vip', 'management']) {
      networks.push(
        await engine.docker.createNetwork({ Name: `${name}-${suffix}`, Internal: true, Labels: labels }),
      );
    }
    await Promise.all(
      [1, 2, 3].map(async (n) => {
        const container = await engine.docker.createContainer({
          name: `${name}-${n}`,
          Image: image,
          Labels: labels,
          Env: ['container=docker'],
          StopSignal: 'SIGRTMIN+3',
          ...(entrypoint && { Entrypoint: [...entrypoint] }),
          HostConfig: { ...machineHostConfig(engine, host), NetworkMode: `${name}-vip` },
        });
        containers.push(container.id);
        await networks[1]?.connect({ Container: container.id });
        await container.start();
        startedMs = Math.max(startedMs, performance.now() - fromMs);
        const execution = await container.exec({
          Cmd: ['systemctl', 'is-system-running', '--wait'],
          AttachStdout: true,
        });
        const stream = await execution.start({});
        const ended = new Promise((resolve) => stream.once('close', resolve).once('end', resolve));
        stream.resume();
        await ended;
      }),
    );
    const systemdMs = performance.now() - fromMs;
    return { startedMs, systemdMs, tearDownMs: await removed() };
  } finally {
    await removed();
  }
  async function removed(): Promise<number> {
    const removalMs = performance.now();
    await Promise.all(containers.splice(0).map((id) => removeContainer(engine, id)));
    await Promise.all(networks.splice(0).map((network) => network.remove()));
    return performance.now() - removalMs;
  }
}

/** Builds several labs at once; each stays until all of them serve. */
export async function measureLabsAtOnce(
  engine: Engine,
  images: Images,
  count: number,
  onServing: (serving: number) => void,
): Promise<readonly LabFigures[]> {
  const { promise: all, resolve, reject } = Promise.withResolvers<void>();
  let serving = 0;
  const labs = Array.from({ length: count }, () =>
    measureLab(engine, images, {
      atOnce: count,
      serving: () => {
        onServing(++serving);
        if (serving === count) resolve();
        return all;
      },
    }),
  );
  // One that fails must not keep the others waiting.
  Promise.all(labs).catch(reject);
  all.catch(() => {});
  return Promise.all(labs);
}

async function memoryOf(engine: Engine, ids: readonly string[]): Promise<number> {
  const bytes = await Promise.all(
    ids.map(async (id) => {
      const { memory_stats } = await engine.docker
        .getContainer(id)
        .stats({ stream: false, 'one-shot': true });
      const { inactive_file, total_inactive_file } = memory_stats.stats as Record<string, number>;
      return memory_stats.usage - (inactive_file ?? total_inactive_file ?? 0);
    }),
  );
  return bytes.reduce((sum, value) => sum + value, 0) / 1e6;
}
