import { mkdirSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../project.ts';
import { makeGolden } from '../../proof/golden/golden.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';
import { takes } from '../options.ts';
import { fromUser } from '../places.ts';

export const group: Group = 'For developers of the testbed';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('golden')
    .description("Renders the golden files again with upstream's own renderers.")
    .addOption(
      takes('--octavia <folder>', 'Renders with this git repository of Octavia.', {
        otherwise: "Debian's package",
      }),
    )
    .example('npm run golden -- --octavia ../octavia')
    .action(async (options) => finish(await golden(options)));
}

/** `golden`: renders the load balancers in src/golden with upstream's own renderers. */
export async function golden(options: { readonly octavia?: string }): Promise<number> {
  const folder = join(PROJECT_ROOT, 'src/golden', options.octavia ? 'head' : 'debian');
  mkdirSync(folder, { recursive: true });
  const made = await makeGolden(folder, options.octavia && fromUser(options.octavia));
  await writeFile(join(folder, 'made-by.txt'), `${made}\n`);
  process.stdout.write(`${folder}: ${(await readdir(folder)).length - 1} files by ${made}\n`);
  return EXIT.ok;
}
