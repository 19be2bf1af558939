import { clientVisits, type Visits } from '../../../lab/clients.ts';
import type { LabAmphora } from '../../../lab/lab.ts';
import { tableEntries } from '../../../lab/stick-tables.ts';
import type { LabObservation } from '../../../observe/observation.ts';
import { first } from '../../../observe/waits.ts';
import { checked, limitMs, type World } from '../world.ts';

/** What the pair remembers of its clients. */
export interface SessionExpectations {
  /** The stick tables of this amphora hold so many entries; how long that took is `peerSyncLag`. */
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
  return {
    tableEntries: (amphora, least) =>
      checked(world, `${amphora.instance.name} knows ${least} sessions`, async () => {
        const startedMs = performance.now();
        let entries = 0;
        do {
          entries = await tableEntries(lab.fabric, amphora, lab.deployment.loadBalancer.id);
        } while (entries < least && performance.now() - startedMs < limitMs(world));
        const tookMs = performance.now() - startedMs;
        if (entries >= least && amphora !== world.master) world.measures.peerSyncLag = tookMs;
        return { holds: entries >= least, detail: `${entries} entries after ${tookMs.toFixed(0)} ms` };
      }),
    tableLacks: (amphora, most, after) =>
      checked(world, `${amphora.instance.name} learns no session meanwhile`, async () => {
        const untilNs = BigInt(after.atNs) + BigInt(QUIET_MS * 1e6);
        await log.waitFor({
          what: 'a request',
          limitMs: QUIET_MS + limitMs(world),
          sinceNs: untilNs,
          look: first((entry) => entry.kind === 'request'),
        });
        const entries = await tableEntries(lab.fabric, amphora, lab.deployment.loadBalancer.id);
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
