import { PATHS } from '../../src/templates/paths.ts';
import { inAmphora } from '../lab/enter.ts';
import type { Lab, LabAmphora } from '../lab/lab.ts';
import type { MutatedFile, Mutation } from './mutation.ts';

/** Makes the system of a lab wrong in one way, in both amphorae; the VIP may take a master-down interval to return. */
export async function plant(lab: Lab, mutation: Mutation): Promise<void> {
  await Promise.all(lab.amphorae.map((amphora) => plantIn(lab, amphora, mutation)));
}

async function plantIn(lab: Lab, { instance }: LabAmphora, { file, alter }: Mutation): Promise<void> {
  const { path, service, hidden } = placeOf(file, lab.deployment.loadBalancer.id);
  const inside = (...argv: string[]) => inAmphora(instance, ...argv);
  const [read] = await lab.fabric.attempt({ argv: inside('cat', path) });
  const text = read?.exitCode === 0 ? read.stdout : '';
  const write = (content: string) => ({ argv: inside('tee', path), stdin: content });
  await lab.fabric.run(
    { argv: inside('mkdir', '-p', path.slice(0, path.lastIndexOf('/'))) },
    write(alter(text)),
    { argv: inside('systemctl', 'daemon-reload') },
    { argv: inside('systemctl', 'restart', service) },
    ...(hidden ? [write(text)] : []),
  );
}

function placeOf(
  file: MutatedFile,
  id: string,
): { readonly path: string; readonly service: string; readonly hidden: boolean } {
  const dropIn = (service: string) => ({
    path: `/etc/systemd/system/${service}.d/mutation.conf`,
    service,
    hidden: false,
  });
  const keepalived = 'octavia-keepalived.service';
  const haproxy = `haproxy-${id}.service`;
  switch (file) {
    case 'keepalived.conf':
      return { path: PATHS.vrrp.configuration, service: keepalived, hidden: true };
    case 'haproxy.cfg':
      return { path: PATHS.haproxy(id).configuration, service: haproxy, hidden: true };
    case 'check script':
      return { path: PATHS.vrrp.checkScript, service: keepalived, hidden: false };
    case 'drop-in of haproxy':
      return dropIn(haproxy);
    case 'drop-in of keepalived':
      return dropIn(keepalived);
    case 'drop-in of the agent':
      return dropIn('amphora-agent.service');
  }
}
