import { AMPHORA, bounded } from '../vocabulary/argument.ts';
import { CannotRun, struck } from '../vocabulary/deed.ts';
import { fault, heal } from '../vocabulary/fault.ts';

const undelay = heal({
  name: 'undelay',
  takes: [AMPHORA],
  says: (amphora) => `what ${amphora} sends is no longer delayed`,
  async act(hand, amphora) {
    const argv = hand.lab.besideVip(amphora, 'tc', 'qdisc', 'del', 'dev', amphora.vrrp_interface, 'root');
    return struck(
      'heal',
      'frames delayed no more',
      amphora.instance.name,
      'netem gone',
      await hand.run({ argv }),
    );
  },
});

const delay = fault({
  name: 'delay',
  takes: [AMPHORA, bounded({ min: 0, max: 60_000 }, 'ms')],
  says: (amphora, { ms }) => `everything that ${amphora} sends is delayed by ${ms} ms`,
  async act({ lab, instant }, amphora, { ms }) {
    await instant();
    const root = ['dev', amphora.vrrp_interface, 'root'];
    const argv = lab.besideVip(amphora, 'tc', 'qdisc', 'replace', ...root, 'netem', 'delay', `${ms}ms`);
    const steps = await lab.fabric.attempt({ argv });
    if (steps[0]?.exitCode !== 0) {
      throw new CannotRun(`The kernel cannot delay packets: ${steps[0]?.stderr.trim()} (netem is missing).`);
    }
    return struck('fault', 'frames delayed', amphora.instance.name, `${ms} ms each`, steps);
  },
  heal: undelay,
});
export default delay;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** By netem (tc-netem(8)); where the kernel has none, the scenario is skipped. */
    readonly delay: typeof delay;
  }
}
