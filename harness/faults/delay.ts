import type { Fabric } from '../fabric/fabric.ts';
import { inVipNamespace } from '../lab/enter.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { CannotRun, struck } from './fault.ts';

/**
 * Everything that an amphora sends leaves so much later (tc-netem(8)).
 *
 * @throws CannotRun where the kernel has no netem
 */
export async function delay(
  fabric: Fabric,
  { instance, vrrp_interface }: LabAmphora,
  delayMs: number,
): Promise<LabObservation> {
  const steps = await fabric.attempt({
    argv: inVipNamespace(
      instance,
      ...['tc', 'qdisc', 'replace', 'dev', vrrp_interface, 'root', 'netem', 'delay', `${delayMs}ms`],
    ),
  });
  if (steps[0]?.exitCode !== 0) {
    throw new CannotRun(`The kernel cannot delay packets: ${steps[0]?.stderr.trim()} (netem is missing).`);
  }
  return struck('fault', 'frames delayed', instance.name, `${delayMs} ms each`, steps);
}

/** What the amphora sends leaves at once again. */
export async function undelay(
  fabric: Fabric,
  { instance, vrrp_interface }: LabAmphora,
): Promise<LabObservation> {
  const steps = await fabric.run({
    argv: inVipNamespace(instance, 'tc', 'qdisc', 'del', 'dev', vrrp_interface, 'root'),
  });
  return struck('heal', 'frames delayed no more', instance.name, 'netem gone', steps);
}
