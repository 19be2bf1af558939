import type { Mutation } from './mutation.ts';

export const garpRefreshOff: Mutation = {
  name: 'garp-refresh-off',
  says: 'the master announces the VIP only at the take-over',
  file: 'keepalived.conf',
  alter: (text) => text.replace(/^ *garp_master_refresh.*\n/gm, ''),
  aims: ['garp-refresh', 'vip-conflict'],
};
