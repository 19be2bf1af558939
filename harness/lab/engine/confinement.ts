import type { HostConfig } from 'dockerode';
import type { Engine } from './engine.ts';
import type { EngineHost } from './engine-host.ts';

/**
 * What lets a container set sysctls of its own namespaces, and call what its capabilities allow. Docker takes the paths
 * of /proc that it leaves alone; Podman ignores that, and has an option of its own, which Docker refuses.
 *
 * `ip netns exec` and `ip -n` mount a sysfs of their namespace that can be written (ip-netns(8)). In a user namespace, the
 * kernel allows that only beside another that can (mount_too_revealing() in fs/namespace.c), and engines mount a read-only
 * one at /sys: there, the machine's own is bound in as well.
 */
export function unconfined(
  { name }: Pick<Engine, 'name'>,
  { isRootless }: Pick<EngineHost, 'isRootless'>,
): HostConfig & { readonly Binds: string[] } {
  const SecurityOpt = ['seccomp=unconfined', 'apparmor=unconfined'];
  return {
    ...(name === 'Podman'
      ? { SecurityOpt: [...SecurityOpt, 'unmask=ALL'] }
      : { SecurityOpt, MaskedPaths: [], ReadonlyPaths: [] }),
    Binds: isRootless ? ['/sys:/mnt/sys:ro'] : [],
  };
}

/**
 * What shows a container the processes of the engine's host. In the namespace of an ordinary user nobody may mount a new
 * /proc of these; Podman and Docker from version 23 on bind the host's, and an older Docker does where it is asked to.
 */
export function hostProcesses(
  { name }: Pick<Engine, 'name'>,
  { isRootless }: Pick<EngineHost, 'isRootless'>,
): HostConfig & { readonly Binds: string[] } {
  return { PidMode: 'host', Binds: isRootless && name === 'Docker' ? ['/proc:/proc'] : [] };
}
