import type { Mutation } from './mutation.ts';

/** The parent first stands still: the child that speaks VRRP would say farewell when it sees it die. */
const KILL = 'pkill -STOP -o -x keepalived; pkill -KILL -n -x keepalived; pkill -KILL -x keepalived';

export const noFarewell: Mutation = {
  name: 'no-farewell',
  says: 'a stop kills keepalived, which sends no farewell',
  file: 'drop-in of keepalived',
  alter: () => `[Service]\nExecStop=/bin/sh -c '${KILL}'\n`,
  aims: [
    'keepalived-stop',
    'there-and-back',
    'rolling-failovers',
    'long-lived-connections',
    'downloads',
    'config-push-during-failover',
  ],
};
