import { removableContainers, removeContainer } from '../../lab/engine/containers.ts';
import { findEngine } from '../../lab/engine/engine.ts';
import { LABEL, OWNER } from '../../lab/engine/labels.ts';
import { namesOf } from '../../lab/images/names.ts';
import { removeLeftFolders } from '../../temporary-folder.ts';
import type { Group, Running, TestbedCommand } from '../command.ts';
import { EXIT } from '../errors.ts';

export const group: Group = 'Set up';

export function register(cli: TestbedCommand, { finish }: Running): void {
  cli
    .command('prune')
    .description(
      "Removes this checkout's containers, also those of labs that are up, and what deleted checkouts and killed processes left.",
    )
    .option('--images', 'Removes the images too.')
    .example('npm run prune')
    .action(async (options) => finish(await prune(options)));
}

/** `prune`: removes the containers of labs of this checkout and of those that are gone, and on request its images. */
export async function prune(options: { readonly images?: boolean }): Promise<number> {
  const engine = await findEngine();
  const containers = await removableContainers(engine);
  await Promise.all(containers.map(({ Id }) => removeContainer(engine, Id)));
  process.stdout.write(`removed ${containers.length} container${containers.length === 1 ? '' : 's'}\n`);
  const folders = await removeLeftFolders();
  if (folders > 0)
    process.stdout.write(
      `removed ${folders} temporary folder${folders === 1 ? '' : 's'} of killed processes\n`,
    );
  if (options.images) {
    const images = await engine.docker.listImages({ filters: { label: [`${LABEL.owner}=${OWNER}`] } });
    const tags = [...namesOf(images)];
    // Images are removed before those that they are built on.
    const order = ['fabric', 'amphora', 'node', 'base'];
    const rank = (tag: string) => order.findIndex((role) => tag.startsWith(`amphora-testbed/${role}:`));
    for (const tag of tags.sort((a, b) => rank(a) - rank(b)))
      await engine.docker.getImage(tag).remove({ force: true });
    process.stdout.write(`removed ${tags.length} images\n`);
  }
  return EXIT.ok;
}
