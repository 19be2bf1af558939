/** What scenarios outside of the repository are written with: `import { scenario } from 'amphora-testbed'`. */
export { ADDRESSES, ADDRESSES6 } from '../lab/addresses.ts';
export { MEMBERS } from '../lab/load-balancer.ts';
export {
  atLeast,
  checkRefused,
  checkTimesOut,
  demands,
  farewell,
  type Model,
  noOutage,
  silentMaster,
  unannounced,
  upTo,
} from './models.ts';
export { type Scenario, scenario } from './scenario.ts';
export type { Story } from './story.ts';
