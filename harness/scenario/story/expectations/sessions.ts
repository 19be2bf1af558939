import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import { clientVisits, type Visits } from '../../../lab/clients.ts';
import { tablesHold } from '../../../observations/tables.ts';
import { AMPHORA, counted, INSTANT, thing, units } from '../../../vocabulary/argument.ts';
import { limitMs, type World } from '../../world/world.ts';
import { expectation } from './expectation.ts';

/** Clients that ask again this late after a change of the tables have given the peers their time. */
const QUIET_MS = 2000;

const VISITS = thing<Visits, string>(
  'visits',
  'clients',
  (given) => given instanceof Map,
  () => 'clients',
);

/** @throws NotObserved */
function held(world: World, name: string, sinceNs: bigint, least: number): Promise<number> {
  return world.log.waitFor({
    what: `a look at ${name}'s stick tables${least > 0 ? ` that finds ${least} entries` : ''}`,
    limitMs: Math.max(0, Number(sinceNs) / 1e6 - Date.now()) + limitMs(world),
    sinceNs,
    look: tablesHold(name, least),
  });
}

/** What the pair remembers of its clients. */
export const SESSIONS = {
  /** The stick tables of this amphora hold at least this many entries. */
  tableEntries: expectation({
    takes: [AMPHORA, units('least')],
    says: (amphora, { least }) => `${amphora} knows ${counted(least, 'session')}`,
    async look(world, { instance: { name } }, { least }) {
      const startedMs = performance.now();
      const entries = await held(world, name, BigInt(Date.now()) * 1_000_000n, least);
      const tookMs = performance.now() - startedMs;
      return { holds: true, detail: `${entries} entries after ${inMs(tookMs)}` };
    },
  }),
  /** They hold no more than this many, also after a wait. */
  tableLacks: expectation({
    takes: [AMPHORA, INSTANT, units('most')],
    says: (amphora, _, { most }) =>
      `${amphora} still knows at most ${counted(most, 'session')} ${QUIET_MS / 1000} s later`,
    named: (amphora) => `${amphora} learns no session meanwhile`,
    async look(world, { instance: { name } }, after, { most }) {
      const untilNs = BigInt(after.atNs) + BigInt(QUIET_MS) * 1_000_000n;
      const entries = await held(world, name, untilNs, 0);
      return { holds: entries <= most, detail: `${entries} entries after ${QUIET_MS} ms` };
    },
  }),
  /** Clients that come again meet the member that they met then. */
  sameMembers: expectation({
    takes: [VISITS],
    says: () => 'clients that return reach the same member as before',
    named: () => 'clients come back to their members',
    async look({ lab }, visits) {
      const again = await clientVisits(lab, visits.size);
      const moved = [...visits].filter(([client, member]) => again.get(client) !== member);
      const [first] = moved;
      const detail = first
        ? `${moved.length} of ${visits.size} do not, e.g. ${first[0]}: ${first[1]}, then ${again.get(first[0]) ?? 'no answer'}`
        : `${visits.size} clients, ${new Set(visits.values()).size} members`;
      return { holds: moved.length === 0, detail };
    },
  }),
};
