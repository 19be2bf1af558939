import type { Mutation } from './mutation.ts';

export const haproxyEnds: Mutation = {
  name: 'haproxy-ends',
  says: 'HAProxy ends every three seconds, and is started again ten seconds later',
  file: 'drop-in of haproxy',
  alter: () => '[Service]\nRuntimeMaxSec=3\nRestartSec=10\n',
  aims: [
    'advertisement-loss',
    'amphora-failover',
    'backup-keepalived-stop',
    'both-lose-power',
    'certificate-rotation',
    'connection-flood',
    'cpu-starved-master',
    'downloads',
    'haproxy-dead-health-failover',
    'keepalived-hang',
    'keepalived-kill',
    'loadbalancer-failover',
    'master-reboot',
    'one-way-loss',
    'single-failover',
    'single-haproxy-dead-health-failover',
    'single-topology',
  ],
};
