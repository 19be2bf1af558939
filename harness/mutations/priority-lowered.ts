import { VRRP_PRIORITY } from '../../src/domain/amphora.ts';
import type { Mutation } from './mutation.ts';

/** 5/256 s of skew: a slowdown of 19.5 ms (RFC 3768, section 6.1), and not a millisecond elsewhere. */
const LOWERED_BY = 5;
const { BACKUP } = VRRP_PRIORITY;

/** No scenario fails by it: it is what `bench sensitivity` looks for. */
export const priorityLowered: Mutation = {
  name: 'priority-lowered',
  says: `the backup's priority is lower than the configuration says: it waits 20 ms longer`,
  file: 'keepalived.conf',
  alter: (text) => text.replace(`priority ${BACKUP}\n`, `priority ${BACKUP - LOWERED_BY}\n`),
  aims: [],
};
