import type { HostConfig } from 'dockerode';
import type { Engine } from './engine.ts';

/**
 * What lets a container set sysctls of its own namespaces, and call what its capabilities allow. Docker takes the paths
 * of /proc that it leaves alone; Podman ignores that, and has an option of its own, which Docker refuses.
 */
export function unconfined({ name }: Pick<Engine, 'name'>): HostConfig {
  const SecurityOpt = ['seccomp=unconfined', 'apparmor=unconfined'];
  return name === 'Podman'
    ? { SecurityOpt: [...SecurityOpt, 'unmask=ALL'] }
    : { SecurityOpt, MaskedPaths: [], ReadonlyPaths: [] };
}
