import type { Instance } from './compute.ts';

/** Puts a command of the fabric into an amphora's mount and process namespaces: its files and its systemd. */
export function inAmphora({ pid }: Pick<Instance, 'pid'>, ...argv: readonly string[]): string[] {
  return ['nsenter', '--target', String(pid), '--mount', '--pid', ...argv];
}

/** Puts a command of the fabric into the network namespace that serves the VIP; its files are the fabric's. */
export function inVipNamespace({ pid }: Pick<Instance, 'pid'>, ...argv: readonly string[]): string[] {
  return ['nsenter', `--net=/proc/${pid}/root/run/netns/amphora-haproxy`, ...argv];
}
