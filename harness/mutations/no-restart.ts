import type { Mutation } from './mutation.ts';

export const noRestart: Mutation = {
  name: 'no-restart',
  says: 'systemd does not restart HAProxy',
  file: 'drop-in of haproxy',
  alter: () => '[Service]\nRestart=no\n',
  aims: ['haproxy-kill', 'peer-resync'],
};
