import type { Group, Running, TestbedCommand } from '../command.ts';
import { register as registerAb } from './bench/ab.ts';
import { register as registerAccuracy } from './bench/accuracy.ts';
import { register as registerCost } from './bench/cost.ts';
import { register as registerCrossCheck } from './bench/cross-check.ts';
import { register as registerLatency } from './bench/latency.ts';
import { register as registerSensitivity } from './bench/sensitivity.ts';

export const group: Group = 'Compare';

export function register(cli: TestbedCommand, running: Running): void {
  const bench = cli
    .command('bench')
    .description(
      'Measures A against B (its flags: bench ab --help), how exact the testbed is, and what it costs.',
    )
    .example('npm run bench -- --a advert_int=1 --b advert_int=2');
  registerAb(bench, running);
  registerAccuracy(bench, running);
  registerCost(bench, running);
  registerCrossCheck(bench, running);
  registerLatency(bench, running);
  registerSensitivity(bench, running);
}
