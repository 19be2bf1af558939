import type { StepRunner } from '../fabric/fabric.ts';
import { inAmphora } from '../lab/enter.ts';
import type { LabAmphora } from '../lab/lab.ts';
import type { LabObservation } from '../observe/observation.ts';
import { struck } from './fault.ts';

/** What runs in an amphora, by the pattern that finds all of its processes there. */
const PATTERNS = {
  keepalived: ['--exact', 'keepalived'],
  haproxy: ['--exact', 'haproxy'],
  agent: ['--full', '/opt/amphora-agent/agent.mjs'],
} as const;
export type AmphoraProcess = keyof typeof PATTERNS;

/**
 * Sends a signal to all processes of a service in an amphora. Those that are to be killed are stopped first:
 * else one that is told of the other's death would still act on it (keepalived's VRRP process says farewell
 * when its parent dies).
 */
export async function signalProcess(
  fabric: StepRunner,
  { instance }: LabAmphora,
  process: AmphoraProcess,
  signal: 'KILL' | 'STOP' | 'CONT',
): Promise<LabObservation> {
  const send = (name: string) => ({
    argv: inAmphora(instance, 'pkill', '--signal', name, ...PATTERNS[process]),
  });
  const steps = await fabric.run(...(signal === 'KILL' ? [send('STOP'), send('KILL')] : [send(signal)]));
  const what = signal === 'CONT' ? 'heal' : 'fault';
  const entry = struck(what, `${process} gets SIG${signal}`, instance.name, 'all its processes', steps);
  return signal === 'STOP' ? { ...entry, stalls: true } : entry;
}
