import type { Mutation } from './mutation.ts';

export const reloadRestarts: Mutation = {
  name: 'reload-restarts',
  says: 'a reload of HAProxy is a restart',
  file: 'drop-in of haproxy',
  alter: () => '[Service]\nExecReload=\nExecReload=/bin/kill -TERM $MAINPID\n',
  aims: ['haproxy-reload', 'listener-change', 'pool-change', 'member-change', 'l7-policy-change'],
};
