import type { Mutation } from './mutation.ts';

export const agentTakesAll: Mutation = {
  name: 'agent-takes-all',
  says: 'keepalived ends with the agent',
  file: 'drop-in of the agent',
  alter: () => '[Service]\nExecStopPost=/bin/systemctl stop octavia-keepalived.service\n',
  aims: ['agent-kill'],
};
