import type { Mutation } from './mutation.ts';

export const nopreemptDropped: Mutation = {
  name: 'nopreempt-dropped',
  says: 'a returning master takes the VIP back',
  file: 'keepalived.conf',
  alter: (text) => text.replace(/^ *nopreempt\n/m, ''),
  aims: ['each-dies-in-turn', 'master-return'],
};
