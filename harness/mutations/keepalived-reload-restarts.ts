import type { Mutation } from './mutation.ts';

export const keepalivedReloadRestarts: Mutation = {
  name: 'keepalived-reload-restarts',
  says: 'a reload stops keepalived',
  file: 'drop-in of keepalived',
  alter: () => '[Service]\nExecReload=\nExecReload=/bin/kill -TERM $MAINPID\n',
  aims: ['keepalived-reload'],
};
