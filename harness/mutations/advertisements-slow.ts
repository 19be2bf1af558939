import type { Mutation } from './mutation.ts';

export const advertisementsSlow: Mutation = {
  name: 'advertisements-slow',
  says: 'advertisements come half as often as the configuration says',
  file: 'keepalived.conf',
  alter: (text) => text.replace(/advert_int ([\d.]+)/, (_, seconds) => `advert_int ${2 * Number(seconds)}`),
  aims: [
    'master-kill',
    'master-container-kill',
    'port-cut',
    'nic-down',
    'port-flap',
    'garp-lost',
    'double-failure',
    'slow-advertisements',
    'rocky-master-kill',
    'vrrpv3-100ms',
    'member-down-during-failover',
    'master-freeze',
    'health-manager-failover',
    'ipv6-vip',
    'two-vips',
  ],
};
