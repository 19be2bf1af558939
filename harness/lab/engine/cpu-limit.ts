import { ask } from './connection.ts';
import type { Engine } from './engine.ts';

const PERIOD_US = 100_000;
/** More cores than a host has. */
const ALL_CORES = 1024;

/**
 * Gives a container this share of one core and no more (CFS quota, in periods of 100 ms), or no limit.
 *
 * Before version 5.1, Podman's copy of Docker's interface has no such request; Podman's own has it since 4.3. It is not asked
 * for a quota of -1, which stands for none: up to version 1.21 its runtime crun made 1 ms of 100 out of that
 * (containers/crun, pull request 1794).
 */
export async function limitCpu(
  { name, docker }: Pick<Engine, 'name' | 'docker'>,
  containerId: string,
  share: number | undefined,
): Promise<void> {
  if (name !== 'Podman') {
    const quotaUs = share === undefined ? -1 : Math.round(share * PERIOD_US);
    await docker.getContainer(containerId).update({ CpuPeriod: PERIOD_US, CpuQuota: quotaUs });
    return;
  }
  await ask(docker, {
    path: `/v4.3.0/libpod/containers/${containerId}/update`,
    method: 'POST',
    // As the runtime specification has it (config-linux.md, CPU).
    options: { cpu: { period: PERIOD_US, quota: Math.round((share ?? ALL_CORES) * PERIOD_US) } },
  });
}
