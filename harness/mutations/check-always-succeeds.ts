import type { Mutation } from './mutation.ts';

export const checkAlwaysSucceeds: Mutation = {
  name: 'check-always-succeeds',
  says: 'the check script succeeds whatever HAProxy does',
  file: 'check script',
  alter: () => '#!/bin/bash\nexit 0\n',
  aims: ['haproxy-hang', 'haproxy-stop', 'check-interval'],
};
