import { AMPHORA } from '../vocabulary/argument.ts';
import { done, struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';
import { silenced } from './shared/dropped-frames.ts';

/** An amphora that has lost its power, or its process 1, boots: resolves when it is a backup again. */
export const boot = heal({
  name: 'boot',
  takes: [AMPHORA],
  says: (amphora) => `${amphora} boots again and becomes a backup`,
  act: ({ lab }, amphora) =>
    done('heal', 'machine booted', amphora.instance.name, 'power, and a boot', () => lab.boot(amphora)),
});

const powerOff = fault({
  name: 'powerOff',
  takes: [AMPHORA],
  says: (amphora) => `${amphora} loses power`,
  // Without the cut, its kernel would answer peers with resets while its processes die; a machine without power does not.
  async act(hand, amphora) {
    const { instance } = amphora;
    const ports = hand.lab.portsOf(amphora);
    const cut = hand.lab.switchPort(ports, 'down');
    const kill = { signal: 'SIGKILL', pid: instance.pid } as const;
    const { silent, over } = silenced(ports);
    const steps = await (ports.length > 1 ? hand.run(silent, cut, kill, over) : hand.run(cut, kill));
    const detail = `switch port${ports.length > 1 ? 's' : ''} cut, then SIGKILL to process 1`;
    return { ...struck('fault', 'power loss', instance.name, detail, steps), atOnce: true };
  },
  heal: boot,
});
export default powerOff;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Its switch port is cut, then its process 1 is killed. */
    readonly powerOff: typeof powerOff;
  }
}
