import { clientVisits, type Visits } from '../../lab/clients.ts';
import { type Connections, openConnections } from '../../lab/connections.ts';
import { beginDownloads, type Downloads } from '../../lab/downloads.ts';
import { type Argument, count, type GivenOf } from '../../vocabulary/argument.ts';
import type { Word } from '../../vocabulary/word.ts';
import type { World } from '../world/world.ts';

function traffic<const Takes extends readonly Argument[], Begun>(
  definition: Word<Takes> & {
    readonly act: (world: World, ...given: GivenOf<Takes>) => Promise<Begun>;
    /** The clients of a story that is only narrated. */
    readonly told: (...given: GivenOf<Takes>) => Begun;
  },
) {
  return definition;
}

const toldConnections = (count: number): Connections => ({
  ...{ count, cut: 0 },
  asked: async () => {},
  [Symbol.asyncDispose]: async () => {},
});

/** What clients do beside the probers. */
export const TRAFFIC = {
  /** Clients, each with an address and cookies of its own, ask the VIP once. */
  visits: traffic({
    takes: [count('clients')],
    says: (clients) => `${clients} clients, each with its own address, send one request each to the VIP`,
    act: ({ lab }, clients): Promise<Visits> => clientVisits(lab, clients),
    told: () => new Map(),
  }),
  /** Connections, each with a request now and then. */
  connections: traffic({
    takes: [count('connections')],
    says: (connections) =>
      `clients open ${connections} connections and send a request over each now and then`,
    act: ({ lab }, count) => openConnections(lab, { count, port: lab.port }),
    told: toldConnections,
  }),
  /** Connections that ask nothing and hold their place. */
  idleConnections: traffic({
    takes: [count('connections')],
    says: (connections) => `clients open ${connections} connections and send nothing`,
    act: ({ lab }, count) => openConnections(lab, { count, port: lab.port, idle: true }),
    told: toldConnections,
  }),
  /** Downloads under way, each of a minute. */
  downloads: traffic({
    takes: [count('downloads')],
    says: (downloads) => `clients begin ${downloads} downloads of a minute each`,
    act: ({ lab }, count) => beginDownloads(lab, { count, port: lab.port }),
    told: (): Downloads => ({ states: async () => [], [Symbol.dispose]: () => {} }),
  }),
};
