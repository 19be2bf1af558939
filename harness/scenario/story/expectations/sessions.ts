import { clientVisits, type Visits } from '../../../lab/clients.ts';
import type { LabAmphora } from '../../../lab/lab.ts';
import type { LabObservation } from '../../../observe/observation.ts';
import { tablesHold } from '../../../observe/tables.ts';
import { checked, limitMs, type World } from '../world.ts';

/** What the pair remembers of its clients. */
export interface SessionExpectations {
  /** The stick tables of this amphora hold so many entries. */
  tableEntries(amphora: LabAmphora, least: number): Promise<void>;
  /** It holds no more than so many, however long one waits. */
  tableLacks(amphora: LabAmphora, most: number, after: LabObservation): Promise<void>;
  /** Clients that come again meet the member that they met then. */
  sameMembers(visits: Visits): Promise<void>;
}

/** Clients that ask again this late after a change of the tables have given the peers their time. */
const QUIET_MS = 2000;

export function sessionExpectations(world: World): SessionExpectations {
  const { lab, log } = world;
  /** @throws NotObserved */
  const held = (name: string, sinceNs: bigint, least: number) =>
    log.waitFor({
      what: `a look at ${name}'s stick tables${least > 0 ? ` that finds ${least} entries` : ''}`,
      limitMs: Math.max(0, Number(sinceNs) / 1e6 - Date.now()) + limitMs(world),
      sinceNs,
      look: tablesHold(name, least),
    });
  return {
    tableEntries: ({ instance: { name } }, least) =>
      checked(world, `${name} knows ${least} sessions`, async () => {
        const startedMs = performance.now();
        const entries = await held(name, BigInt(Date.now()) * 1_000_000n, least);
        const tookMs = performance.now() - startedMs;
        return { holds: true, detail: `${entries} entries after ${tookMs.toFixed(0)} ms` };
      }),
    tableLacks: ({ instance: { name } }, most, after) =>
      checked(world, `${name} learns no session meanwhile`, async () => {
        const untilNs = BigInt(after.atNs) + BigInt(QUIET_MS) * 1_000_000n;
        const entries = await held(name, untilNs, 0);
        return { holds: entries <= most, detail: `${entries} entries after ${QUIET_MS} ms` };
      }),
    sameMembers: (visits) =>
      checked(world, 'clients come back to their members', async () => {
        const again = await clientVisits(lab, visits.size);
        const moved = [...visits].filter(([client, member]) => again.get(client) !== member);
        const [first] = moved;
        const detail = first
          ? `${moved.length} of ${visits.size} do not, e.g. ${first[0]}: ${first[1]}, then ${again.get(first[0]) ?? 'no answer'}`
          : `${visits.size} clients, ${new Set(visits.values()).size} members`;
        return { holds: moved.length === 0, detail };
      }),
  };
}
