import type { Mutation } from './mutation.ts';

export const peersMissing: Mutation = {
  name: 'peers-missing',
  says: 'HAProxy knows no peer but itself',
  file: 'haproxy.cfg',
  alter: (text) => text.replace(/^( +peer \S+ )\S+$/gm, '$1127.0.0.1:1025'),
  aims: [
    'peer-sync',
    'session-source-ip',
    'session-app-cookie',
    'thousand-sessions',
    'peer-resync',
    'peer-partition',
  ],
};
