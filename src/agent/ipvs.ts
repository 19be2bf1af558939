import { endpoint } from './lvs-configuration.ts';

/** A virtual service of the kernel's IPVS, and its real servers. */
export interface VirtualService {
  /** As `address:port`; one that a check has taken out is not there. */
  readonly servers: ReadonlyMap<string, { readonly weight: number; readonly activeConnections: number }>;
  readonly connections: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/**
 * The services by protocol and `address:port`, e.g. `UDP 192.0.2.1:53`.
 *
 * @param listing what `ipvsadm -Ln` writes
 * @param statistics what `ipvsadm -Ln --stats --exact` writes
 */
export function virtualServices(listing: string, statistics: string): ReadonlyMap<string, VirtualService> {
  const counted = new Map(services(statistics).map(({ key, values }) => [key, values]));
  return new Map(
    services(listing).map(({ key, servers }) => {
      // Conns InPkts OutPkts InBytes OutBytes.
      const [connections = 0, , , bytesIn = 0, bytesOut = 0] = (counted.get(key) ?? []).map(Number);
      return [key, { servers: new Map(servers), connections, bytesIn, bytesOut }];
    }),
  );
}

function services(text: string) {
  const found: {
    readonly key: string;
    readonly values: readonly string[];
    readonly servers: [string, { readonly weight: number; readonly activeConnections: number }][];
  }[] = [];
  for (const line of text.split('\n')) {
    const [, protocol, vip, rest = ''] = /^(TCP|UDP|SCTP)\s+(\S+:\d+)\s*(.*)$/.exec(line) ?? [];
    if (protocol && vip) {
      found.push({ key: `${protocol} ${normal(vip)}`, values: rest.split(/\s+/), servers: [] });
    }
    // Forward Weight ActiveConn InActConn.
    const [, server, weight, active] = /^\s+->\s+(\S+:\d+)\s+\S+\s+(\d+)\s+(\d+)/.exec(line) ?? [];
    if (server) {
      found
        .at(-1)
        ?.servers.push([normal(server), { weight: Number(weight), activeConnections: Number(active) }]);
    }
  }
  return found;
}

function normal(written: string): string {
  const [, address = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(written) ?? [];
  return endpoint(address, port);
}
