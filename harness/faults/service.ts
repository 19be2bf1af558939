import type { StepRunner } from '../fabric/fabric.ts';
import { inAmphora } from '../lab/enter.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

/** Units of an amphora as systemd's patterns. */
const UNITS = {
  haproxy: 'haproxy-*.service',
  keepalived: 'octavia-keepalived.service',
  agent: 'amphora-agent.service',
} as const;
export type AmphoraService = keyof typeof UNITS;

/** systemd stops a service behind the agent's back: it is not restarted. */
export async function stopService(
  fabric: StepRunner,
  { instance }: LabAmphora,
  service: AmphoraService,
): Promise<LabObservation> {
  const steps = await fabric.run({ argv: inAmphora(instance, 'systemctl', 'stop', UNITS[service]) });
  return struck('fault', `${service} stopped`, instance.name, 'by systemd', steps);
}

/** systemd starts a service. The shell finds its unit: a pattern of systemctl matches loaded units alone (systemctl(1)). */
export async function startService(
  fabric: StepRunner,
  { instance }: LabAmphora,
  service: AmphoraService,
): Promise<LabObservation> {
  const steps = await fabric.run({
    argv: inAmphora(instance, 'sh', '-c', `cd /usr/lib/systemd/system && systemctl start ${UNITS[service]}`),
  });
  return struck('heal', `${service} started`, instance.name, 'by systemd', steps);
}
