import { promisify } from 'node:util';
import type { Engine } from './engine.ts';

const PERIOD_US = 100_000;

/**
 * Gives a container this share of one core and no more (CFS quota, in periods of 100 ms), or no limit.
 *
 * Before version 5.1, Podman's copy of Docker's interface has no such request; Podman's own has it since 4.3.
 */
export async function limitCpu(
  { name, docker }: Pick<Engine, 'name' | 'docker'>,
  containerId: string,
  share: number | undefined,
): Promise<void> {
  const quotaUs = share === undefined ? -1 : Math.round(share * PERIOD_US);
  if (name !== 'Podman') {
    await docker.getContainer(containerId).update({ CpuPeriod: PERIOD_US, CpuQuota: quotaUs });
    return;
  }
  await promisify(docker.modem.dial.bind(docker.modem))({
    path: `/v4.3.0/libpod/containers/${containerId}/update`,
    method: 'POST',
    // As the runtime specification has it (config-linux.md, CPU).
    options: { cpu: { period: PERIOD_US, quota: quotaUs } },
    statusCodes: { 200: true, 201: true, 404: 'no such container', 500: 'server error' },
  });
}
