import type { Mutation } from './mutation.ts';

export const noFarewell: Mutation = {
  name: 'no-farewell',
  says: 'keepalived is killed when it is stopped, and says no farewell',
  file: 'drop-in of keepalived',
  alter: () => '[Service]\nKillSignal=SIGKILL\nKillMode=control-group\n',
  aims: [
    'keepalived-stop',
    'there-and-back',
    'rolling-failovers',
    'long-lived-connections',
    'config-push-during-failover',
  ],
};
