import type { Listener, Pool } from './load-balancer.ts';

/** The transport of a listener's port, or of a pool's members. */
export function transportOf(protocol: Listener['protocol'] | Pool['protocol']): 'tcp' | 'udp' | 'sctp' {
  if (protocol === 'UDP') return 'udp';
  return protocol === 'SCTP' ? 'sctp' : 'tcp';
}

/** Whether HAProxy serves a listener; the others are keepalived's, by LVS. */
export function servedByHaproxy({ protocol }: Pick<Listener, 'protocol'>): boolean {
  return transportOf(protocol) === 'tcp';
}
