import type { Mutation } from './mutation.ts';

export const checkCountsProcesses: Mutation = {
  name: 'check-counts-processes',
  says: 'the check script requires a running HAProxy, even when the agent has stopped it',
  file: 'check script',
  alter: () => '#!/bin/bash\nexec pgrep -x haproxy > /dev/null\n',
  aims: ['haproxy-stop-by-agent'],
};
