import { AMPHORA } from '../vocabulary/argument.ts';
import { done } from '../vocabulary/deed.ts';
import { fault } from '../vocabulary/fault.ts';

const reboot = fault({
  name: 'reboot',
  takes: [AMPHORA],
  says: (amphora) => `${amphora} reboots in an orderly way`,
  async act({ lab, instant }, amphora) {
    await instant();
    const entry = await done('fault', 'machine rebooted', amphora.instance.name, 'in order', () =>
      lab.reboot(amphora, 'orderly'),
    );
    return { ...entry, passes: true };
  },
  heal: undefined,
});
export default reboot;

declare module '../vocabulary/fault.ts' {
  interface FaultWords {
    /** Its processes end, its files stay, and it starts again by itself. */
    readonly reboot: typeof reboot;
  }
}
