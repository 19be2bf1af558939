import { removeContainer } from '../../lab/engine/containers.ts';
import { findEngine } from '../../lab/engine/engine.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { chooseLab, nodeName, runningLabs } from '../running-labs.ts';
import { register as registerBench } from './lab/bench.ts';
import { register as registerCapture } from './lab/capture.ts';
import { register as registerExec } from './lab/exec.ts';
import { register as registerUi } from './lab/ui.ts';
import { register as registerUp } from './lab/up.ts';

export const group: Group = 'Look inside';

export function register(cli: TestbedCommand, running: Running): void {
  const { finish } = running;
  const lab = cli
    .command('lab')
    .description('Builds a lab to work in by hand, and enters it.')
    .example('npm run lab -- up');
  registerUp(lab, running);
  registerUi(lab, running);
  lab
    .command('list')
    .description('Lists the labs that are up.')
    .example('npm run lab -- list')
    .action(async () => finish(await labList()));
  registerExec(lab, running);
  registerCapture(lab, running);
  lab
    .command('down')
    .description('Removes a lab.')
    .argument('[name]', 'The name of the lab. Default: the only one.')
    .example('npm run lab -- down')
    .action(async (name) => finish(await labDown(name)));
  registerBench(lab, running);
}

/** `lab list`: the labs of this checkout. */
async function labList(): Promise<number> {
  const labs = await runningLabs(await findEngine());
  for (const [name, containers] of labs)
    process.stdout.write(`${name}\t${containers.map(nodeName).sort().join(' ')}\n`);
  return EXIT.ok;
}

/** `lab down`: ends labs by their names, or the only one. */
async function labDown(name: string | undefined): Promise<number> {
  const engine = await findEngine();
  const containers = chooseLab(await runningLabs(engine), name);
  await Promise.all(containers.map(({ Id }) => removeContainer(engine, Id)));
  return EXIT.ok;
}
