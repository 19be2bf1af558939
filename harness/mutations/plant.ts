import type { BootFile } from '../../src/flows/compute.ts';
import { PATHS } from '../../src/templates/paths.ts';
import type { Lab, LabNode } from '../lab/lab.ts';
import type { Mutation } from './mutation.ts';

const KEEPALIVED = 'octavia-keepalived.service';

/** Where a mutation's file is: in the image of every amphora, or written by the controller. */
type Place =
  | { readonly image: string }
  | { readonly written: string; readonly service: string; readonly hidden: boolean };

/** The files that a mutated image adds: amphorae that are built later have them too. */
export function imageFilesOf(mutation: Mutation, loadBalancerId: string): readonly BootFile[] {
  const place = placeOf(mutation, loadBalancerId);
  return 'image' in place ? [{ path: place.image, content: mutation.alter(''), mode: 0o644 }] : [];
}

/**
 * Alters the controller's files in both amphorae; the VIP may take a master-down interval to return.
 * A mutated image is in the lab already.
 */
export async function plant(lab: Lab, mutation: Mutation): Promise<void> {
  const place = placeOf(mutation, lab.octavia.deployment.loadBalancer.id);
  if ('image' in place) return;
  await Promise.all(lab.nodes.map((amphora) => rewrite(lab, amphora, { ...place, alter: mutation.alter })));
}

async function rewrite(
  lab: Lab,
  amphora: LabNode,
  { written, service, hidden, alter }: Extract<Place, { written: string }> & Pick<Mutation, 'alter'>,
): Promise<void> {
  const inside = (...argv: string[]) => lab.inside(amphora, ...argv);
  const [read] = await lab.fabric.run({ argv: inside('cat', written) });
  const text = read?.stdout ?? '';
  const write = (content: string) => ({ argv: inside('tee', written), stdin: content });
  await lab.fabric.run(
    write(alter(text)),
    { argv: inside('systemctl', 'restart', service) },
    ...(hidden ? [write(text)] : []),
  );
}

function placeOf({ file }: Mutation, id: string): Place {
  const haproxy = `haproxy-${id}.service`;
  const dropIn = (service: string) => ({ image: `/etc/systemd/system/${service}.d/mutation.conf` });
  switch (file) {
    case 'keepalived.conf':
      return { written: PATHS.vrrp.configuration, service: KEEPALIVED, hidden: true };
    case 'haproxy.cfg':
      return { written: PATHS.haproxy(id).configuration, service: haproxy, hidden: true };
    case 'check script':
      return { written: PATHS.vrrp.checkScript, service: KEEPALIVED, hidden: false };
    case 'drop-in of haproxy':
      return dropIn(haproxy);
    case 'drop-in of keepalived':
      return dropIn(KEEPALIVED);
    case 'drop-in of the agent':
      return dropIn('amphora-agent.service');
  }
}
