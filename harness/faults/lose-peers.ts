import { PEERS_PORT } from '../../src/templates/haproxy/configuration.ts';
import { fault } from '../vocabulary/fault.ts';
import { loseNothing } from './lose-advertisements.ts';
import { drop } from './shared/dropped-frames.ts';

const losePeers = fault({
  name: 'losePeers',
  takes: [],
  says: () => "the switch drops what HAProxy's peers tell each other",
  act: (hand) => drop(hand, { kind: 'peers', port: PEERS_PORT }),
  heal: loseNothing,
});
export default losePeers;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    readonly losePeers: typeof losePeers;
  }
}
