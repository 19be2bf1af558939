import type { Mutation } from './mutation.ts';

export const stateDropped: Mutation = {
  name: 'state-dropped',
  says: 'the Rocky template lacks its state',
  file: 'keepalived.conf',
  alter: (text) => text.replace(/^ *state .*\n/m, ''),
  aims: ['master-return-rocky'],
};
