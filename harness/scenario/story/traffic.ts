import { clientVisits, type Visits } from '../../lab/clients.ts';
import { type Connections, openConnections } from '../../lab/connections.ts';
import { beginDownloads, type Downloads } from '../../lab/downloads.ts';
import type { World } from './world.ts';

/** What clients do beside the probers. */
export interface Traffic {
  /** So many clients, each with an address and cookies of its own, ask the VIP once. */
  visits(clients: number): Promise<Visits>;
  /** So many connections, each with a request now and then. */
  connections(count: number): Promise<Connections>;
  /** So many connections that ask nothing and hold their place. */
  idleConnections(count: number): Promise<Connections>;
  /** So many downloads under way, each of a minute. */
  downloads(count: number): Promise<Downloads>;
}

export function trafficOf({ lab }: World): Traffic {
  const port = lab.deployment.loadBalancer.listeners[0]?.protocol_port ?? 0;
  return {
    visits: (clients) => clientVisits(lab, clients),
    connections: (count) => openConnections(lab, { count, port }),
    idleConnections: (count) => openConnections(lab, { count, port, idle: true }),
    downloads: (count) => beginDownloads(lab, { count, port }),
  };
}
