import { PATHS } from '../../src/templates/paths.ts';
import type { Fabric } from '../fabric/fabric.ts';
import { inAmphora } from './enter.ts';
import type { LabAmphora } from './lab.ts';

/** How many entries the stick tables of an amphora's HAProxy hold (`show table`, HAProxy's management guide). */
export async function tableEntries(
  fabric: Fabric,
  { instance }: LabAmphora,
  loadBalancerId: string,
): Promise<number> {
  const { socket } = PATHS.haproxy(loadBalancerId);
  // One that is being restarted does not answer, and holds none.
  const [answer] = await fabric.attempt({
    argv: inAmphora(instance, 'socat', '-', `UNIX-CONNECT:${socket}`),
    stdin: 'show table\n',
  });
  return [...(answer?.stdout ?? '').matchAll(/^# table: .*used:(\d+)/gm)].reduce(
    (sum, [, used]) => sum + Number(used),
    0,
  );
}
