import { tlsFiles } from '../../../src/driver/haproxy-process.ts';
import type { HaproxyRequest } from '../../../src/driver/renderers.ts';
import type { KeepalivedInput } from '../../../src/templates/keepalived.ts';
import type { LvsInput } from '../../../src/templates/lvs.ts';

/** A line for render.py: the file to make, and what it is made of. */
export interface RenderRequest {
  readonly make: string;
  readonly [field: string]: unknown;
}

export function haproxyRequest({ process, settings, ...served }: HaproxyRequest): RenderRequest {
  const { loadBalancer, vipAddress, amphora, amphorae } = served;
  const files = tlsFiles(loadBalancer, process).flatMap((file) =>
    'reference' in file ? [[file.reference, file.file]] : [],
  );
  return {
    make: 'haproxy.cfg',
    ...{ loadBalancer, vipAddress, amphora, amphorae },
    listeners: process.listeners,
    peersPort: process.peersPort,
    maxConnections: settings.haproxy_maxconn,
    files: Object.fromEntries(files),
  };
}

export function keepalivedRequest(input: KeepalivedInput): RenderRequest {
  const { amphora, amphorae, vip, additionalVips = [], group, settings } = input;
  // Its renderer knows no other version than 2, and takes the interval from the group.
  const { vrrp_version: _, vrrp_advert_int: __, ...options } = settings.keepalived_vrrp;
  return { make: 'keepalived.conf', ...{ amphora, amphorae, vip, additionalVips, group, options } };
}

export function lvsRequest({ loadBalancer, listener, vipAddress }: LvsInput): RenderRequest {
  return { make: 'keepalivedlvs.conf', ...{ loadBalancer, listener, vipAddress } };
}
