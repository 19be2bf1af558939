import type { Group, Running, TestbedCommand } from '../command.ts';
import { register as registerCheck } from './pair/check.ts';
import { register as registerNew } from './pair/new.ts';

export const group: Group = 'Look inside';

export function register(cli: TestbedCommand, running: Running): void {
  const pair = cli
    .command('pair')
    .description('Examines the configurations of any keepalived and HAProxy pair.')
    .example('npm run pair -- check examples/pairs/weight-too-small --static');
  registerNew(pair, running);
  registerCheck(pair, running);
}
