import { labsFor } from '../../run/capacity.ts';
import { identityOf } from '../../run/queue/identity.ts';
import { parseQueueUrl } from '../../run/queue/queue-url.ts';
import { serveQueue } from '../../run/queue/serve.ts';
import { QueueServer } from '../../run/queue/server.ts';
import { catalogue } from '../../scenario/catalogue.ts';
import { UsageError } from '../../usage-error.ts';
import { atRef } from '../at-ref.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { parallel, queue, renamedImage, system, systemNamed } from '../options.ts';
import { workbench } from '../workbench.ts';

interface WorkerOptions {
  readonly queue?: string;
  readonly parallel?: number;
  readonly with: readonly string[];
}

export const group: Group = 'Measure';

export function register(cli: TestbedCommand, { finish, signal }: Running): void {
  cli
    .command('worker')
    .description('Performs runs that a night on another machine puts into a queue, until it is stopped.')
    .addOption(
      queue(
        'Takes runs out of this queue of Redis or Valkey, redis://HOST:PORT/DB.',
        'none, it must be given',
      ),
    )
    .addOption(parallel())
    .addOption(system())
    .addOption(renamedImage())
    .example('npm run worker -- --queue redis://queue.example')
    .action(async (options) => finish(await atRef(options, signal, () => worker(options, signal))));
}

/** `worker`: performs runs of nights that test the same system. */
async function worker(options: WorkerOptions, signal: AbortSignal): Promise<never> {
  if (options.queue === undefined)
    throw new UsageError('--queue is missing: it takes redis://HOST:PORT/DB, where a night puts its runs.');
  const address = parseQueueUrl(options.queue);
  const { engine, images } = await workbench(systemNamed(options.with));
  const labs = await labsFor(engine, options.parallel);
  await using server = await QueueServer.open(address);
  const identity = await identityOf(engine, images);
  const { scenarios } = await catalogue();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(
    `${engine.describe()}; ${labs === 1 ? 'one lab' : `${labs} labs`} at once, takes runs from ${server.name} until Ctrl-C`,
  );
  return await serveQueue({ server, identity, images, scenarios, labs, say, signal });
}
