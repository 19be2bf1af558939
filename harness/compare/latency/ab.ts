import { execa } from 'execa';
import type { Engine } from '../../lab/engine/engine.ts';
import { execute } from '../../lab/engine/execution.ts';
import { programPath } from '../../lab/engine/private-engine.ts';
import { UsageError } from '../../usage-error.ts';

/** Nothing in a lab's /tmp can be executed: it is a tmpfs with the engine's default options (noexec). */
const FOLDER = '/opt/ab';

/**
 * Copies ab (ApacheBench) from this machine into a lab, with its libraries and their loader, so that no image holds a
 * program that one check needs. What runs it there.
 *
 * @param fabric the container
 * @throws UsageError where this machine has no ab
 */
export async function bringAb(engine: Engine, fabric: string): Promise<string> {
  const ab = programPath('ab');
  if (!ab) throw new UsageError('--cross-check needs ab on this machine: apt-get install apache2-utils.');
  const { stdout } = await execa('ldd', [ab]);
  // `libm.so.6 => /lib/libm.so.6 (0x…)`; the loader stands there by its path alone.
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  const loader = libraries.find((path) => /\/ld[^/]*\.so/.test(path));
  if (!loader) throw new UsageError(`--cross-check needs an ab that is linked dynamically; found ${ab}.`);
  const archive = await execa('tar', ['-ch', '--transform=s|.*/||', '-f', '-', ab, ...libraries], {
    encoding: 'buffer',
  });
  const unpack = ['sh', '-c', `mkdir -p ${FOLDER} && tar -x -C ${FOLDER} -f -`];
  await execute(engine, fabric, unpack, { stdin: Buffer.from(archive.stdout) });
  return `${FOLDER}/${loader.split('/').at(-1)} --library-path ${FOLDER} ${FOLDER}/ab`;
}
