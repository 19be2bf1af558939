import { UsageError } from '../usage-error.ts';
import type { Roles, Told } from './known-stories.ts';
import type { Order } from './server.ts';

/** What was done and not repaired, with the machines' roles then, and what repairs it. */
export interface Ailment {
  readonly told: Told;
  readonly roles: Roles;
  readonly heal: string;
}

/** Repairs of machines in which nothing else can be done meanwhile. */
const BLOCKS: Readonly<Record<string, string>> = { boot: 'has no power', thaw: 'is frozen' };

/**
 * Refuses what a machine cannot do as it is: without the refusal, it would wait for an answer, or be reset.
 *
 * @throws UsageError
 */
export function refuseImpossible({ part, word, given }: Order, ailing: readonly Ailment[]): void {
  for (const machine of given) {
    const own = ailing.filter(({ told, roles }) =>
      told.given.some((each) => (roles.get(String(each)) ?? each) === machine),
    );
    const repairs = part === 'heal' && own.some(({ heal }) => heal === word);
    const blocking = own.find(({ heal }) => BLOCKS[heal]);
    if (blocking && !repairs)
      throw new UsageError(
        `${machine} ${BLOCKS[blocking.heal]}: repair it with heal.${blocking.heal} first.`,
      );
    if (part === 'heal' && word === 'boot' && !repairs)
      throw new UsageError(`${machine} is running: nothing has taken its power away.`);
  }
}
