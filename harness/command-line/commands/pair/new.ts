import { makePair } from '../../../pair/new-pair.ts';
import type { Running, TestbedCommand } from '../../command.ts';
import { EXIT } from '../../errors.ts';
import { takes } from '../../options.ts';
import { fromUser } from '../../places.ts';
import { print } from '../../print.ts';

interface NewOptions {
  readonly keepalived: readonly string[];
  readonly haproxy?: readonly string[];
}

export function register(pair: TestbedCommand, { finish }: Running): void {
  pair
    .command('new')
    .description('Makes the folder of a pair from its configuration files.')
    .argument('<folder>', 'The new folder; each node gets a folder inside: a, b and so on.')
    .requiredOption('--keepalived <files...>', 'Copies these keepalived.conf files, one for each node.')
    .addOption(
      takes('--haproxy <files...>', 'Copies this haproxy.cfg to all nodes, or one to each.', {
        otherwise: 'none is copied',
      }),
    )
    .example('npm run pair -- new mine --keepalived A.conf B.conf --haproxy H.cfg')
    .action(async (folder, options) => finish(await pairNew(folder, options)));
}

/** `pair new`: a folder from files. */
async function pairNew(folder: string, options: NewOptions): Promise<number> {
  const nodes = await makePair({
    folder: fromUser(folder),
    keepalived: options.keepalived.map(fromUser),
    haproxy: (options.haproxy ?? []).map(fromUser),
  });
  print(
    `${nodes.join('\n')}\nCopy the scripts that the configurations name to their paths below these folders, then: npm run pair -- check ${folder}\n`,
  );
  return EXIT.ok;
}
