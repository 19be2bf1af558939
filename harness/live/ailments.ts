import { UsageError } from '../usage-error.ts';
import type { Roles, Told } from './known-stories.ts';
import type { Order } from './server.ts';
import { isUp, type Services } from './services.ts';

/** What was done and not repaired, with the machines' roles then, and what repairs it. */
export interface Ailment {
  readonly told: Told;
  readonly roles: Roles;
  readonly heal: string;
}

/** Repairs of machines in which nothing else can be done meanwhile. */
const BLOCKS: Readonly<Record<string, string>> = { boot: 'has no power', thaw: 'is frozen' };

/** What nothing has repaired, and what is not over by itself: systemd starts a killed process again, and its journal tells so. */
export function stillAiling(
  ailing: readonly Ailment[],
  nodes: readonly (Services & { readonly name: string })[],
): readonly Ailment[] {
  return ailing.filter(({ told: { word, given }, roles }) => {
    if (word !== 'kill') return true;
    const [process, role] = given.map(String);
    const node = nodes.find(({ name }) => name === (roles.get(role ?? '') ?? role));
    // Clients need no agent.
    return process === 'keepalived' || process === 'haproxy' ? !isUp(node?.[process]) : false;
  });
}

/** What is wrong with a repair that has nothing to repair, where the system's own words for it help nobody. */
const UNNEEDED: Readonly<Record<string, (machine: unknown) => string>> = {
  boot: (machine) => `${machine} is running: nothing has taken its power away.`,
  thaw: (machine) => `${machine} is not frozen.`,
  undelay: (machine) => `Nothing delays what ${machine} sends.`,
  releaseVip: () => 'Nobody has claimed the VIP.',
};

/**
 * Refuses what a machine cannot do as it is: without the refusal, it would wait for an answer, or be reset.
 *
 * @throws UsageError
 */
export function refuseImpossible({ part, word, given }: Order, ailing: readonly Ailment[]): void {
  const ailingFor = (machine: unknown) =>
    ailing.filter(
      ({ told, roles }) =>
        machine === undefined || told.given.some((each) => (roles.get(String(each)) ?? each) === machine),
    );
  for (const machine of given.length > 0 ? given : [undefined]) {
    const own = ailingFor(machine);
    const repairs = part === 'heal' && own.some(({ heal }) => heal === word);
    const blocking = machine === undefined ? undefined : own.find(({ heal }) => BLOCKS[heal]);
    if (blocking && !repairs)
      throw new UsageError(
        `${machine} ${BLOCKS[blocking.heal]}: repair it with heal.${blocking.heal} first.`,
      );
    const unneeded = part === 'heal' && !repairs ? UNNEEDED[word] : undefined;
    if (unneeded) throw new UsageError(unneeded(machine));
  }
  if (part === 'fault' && word === 'claimVip' && ailing.some(({ heal }) => heal === 'releaseVip'))
    throw new UsageError('A host claims the VIP already: end that with heal.releaseVip first.');
}
