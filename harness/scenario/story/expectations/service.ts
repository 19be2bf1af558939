import { isIPv6 } from 'node:net';
import { urlHost } from '../../../../src/domain/url-host.ts';
import { inMs } from '../../../analysis/statistics/milliseconds.ts';
import type { Connections } from '../../../lab/connections.ts';
import type { DownloadState, Downloads } from '../../../lab/downloads.ts';
import type { LabObservation, RequestObservation } from '../../../observations/observation.ts';
import { everyRequest, first } from '../../../observations/waits.ts';
import { AMPHORA, count, counted, INSTANT, oneOf, TEXT, thing, units } from '../../../vocabulary/argument.ts';
import { STEADY_REQUESTS } from '../../world/probes.ts';
import { type CheckOutcome, limitMs, sinceMs, type World } from '../../world/world.ts';
import { askedUntil } from './asked.ts';
import { awaited, expectation } from './expectation.ts';

const CONNECTIONS = thing<Connections, string>(
  'connections',
  'N',
  (given) => typeof (given as Partial<Connections> | undefined)?.asked === 'function',
  ({ count }) => String(count),
);
const DOWNLOADS = thing<Downloads, string>(
  'downloads',
  'downloads',
  (given) => typeof (given as Partial<Downloads> | undefined)?.states === 'function',
  () => 'downloads',
);
/** `orphaned`: a machine without the address goes on sending over IPv6, and the kernel of another answers with a reset. */
const STATE = oneOf<DownloadState | 'orphaned'>(
  {
    ...{ running: 'running', 'standing still': 'standing still', cut: 'cut', whole: 'whole' },
    orphaned: 'orphaned: they stand still, and are cut where the VIP is of IPv6',
  },
  'in that state',
);
const ANSWERS = thing<boolean, boolean>(
  'answers',
  true,
  (given) => typeof given === 'boolean',
  (given) => given,
);

async function fewLost(world: World, after: LabObservation, most: number): Promise<CheckOutcome> {
  const untilMs = Math.ceil(Date.now() + STEADY_REQUESTS * world.probe.intervalMs);
  const since = await world.log.waitFor({
    what: 'the outcome of every request that was under way',
    limitMs: limitMs(world),
    sinceNs: BigInt(after.atNs),
    look: everyRequest(BigInt(untilMs) * 1_000_000n),
    like: [{ kind: 'request' }],
  });
  const lost = since.filter(({ outcome }) => outcome === 'failed');
  const [first] = lost;
  const detail = first
    ? `${lost.length} of ${since.length} failed, the first ${inMs(sinceMs(after, first))} after ${after.name} (${first.failure})`
    : `${since.length} requests, all answered`;
  return { holds: lost.length <= most, detail };
}

/** What clients get. */
export const SERVICE = {
  servedBy: awaited(
    (amphora) => `${amphora} answers a request`,
    (amphora) => `request served by ${amphora}`,
    ({ vrrp_ip }) => [{ kind: 'request', servedBy: vrrp_ip }],
    'done',
  ),
  /** Any of several that take over at once may answer. */
  servedByAnother: expectation({
    takes: [AMPHORA, INSTANT],
    says: (amphora) => `another than ${amphora} answers a request`,
    named: (amphora) => `request served by another than ${amphora}`,
    async look(world, { vrrp_ip, instance }, after) {
      const served = await world.log.waitFor({
        what: `a request served by another than ${instance.name}`,
        limitMs: limitMs(world),
        sinceNs: BigInt(after.doneNs ?? after.atNs),
        look: first((entry) => entry.kind === 'request' && isAnswered(entry) && entry.servedBy !== vrrp_ip),
        like: [{ kind: 'request', outcome: 'answered' }],
      });
      return { holds: true, detail: `${inMs(sinceMs(after, served), 1)} after ${after.name}` };
    },
  }),
  /** For this many seconds no client is served. */
  unserved: expectation({
    takes: [INSTANT, units('seconds')],
    says: (_, { seconds }) => `no client is served for ${seconds} s`,
    named: (_, { seconds }) => `nobody is served for ${seconds} s`,
    async look(world, after, { seconds }) {
      const requests = await world.log.waitFor({
        what: `the outcome of every request of these ${seconds} s`,
        limitMs: seconds * 1000 + limitMs(world),
        sinceNs: BigInt(after.doneNs ?? after.atNs),
        look: everyRequest(BigInt(after.atNs) + BigInt(Math.round(seconds * 1e9)), isAnswered),
        like: [{ kind: 'request', outcome: 'failed' }],
      });
      const served = requests.find(isAnswered);
      return {
        holds: served === undefined && requests.length > 0,
        detail: served
          ? `served ${inMs(sinceMs(after, served))} after ${after.name}`
          : `none of ${requests.length} requests`,
      };
    },
  }),
  /** From then on until now, every request was answered: those under way are waited for. */
  noRequestLost: expectation({
    takes: [INSTANT],
    says: () => 'no request is lost',
    look: (world, after) => fewLost(world, after, 0),
  }),
  fewRequestsLost: expectation({
    takes: [INSTANT, units('most')],
    says: (_, { most }) => `at most ${counted(most, 'request')} are lost`,
    look: (world, after, { most }) => fewLost(world, after, most),
  }),
  /** From `least` to `most` of the connections have been cut. */
  connectionsCut: expectation({
    takes: [CONNECTIONS, units('least', 'most')],
    says: (count, { least, most }) =>
      most === 0
        ? `none of the ${count} connections is cut`
        : `${least === most ? (String(most) === count ? 'all' : `${most} of the`) : `${least} to ${most} of the`} ${count} connections are cut`,
    async look({ measures }, connections, { least, most }) {
      await connections.asked();
      const { cut } = connections;
      measures.storyConnectionsCut = cut;
      return { holds: cut >= least && cut <= most, detail: `${cut} cut` };
    },
  }),
  /** Each of the downloads is in that state. */
  downloadsAre: expectation({
    takes: [STATE, DOWNLOADS],
    says: (state) => `all downloads are ${state}`,
    async look(world, expected, downloads) {
      const state = expected === 'orphaned' ? (isIPv6(world.lab.vip) ? 'cut' : 'standing still') : expected;
      // What was under way to a busy harness arrives late.
      const states = await askedUntil(
        () => downloads.states(),
        (found) => found.every((each) => each === state),
        limitMs(world),
      );
      const counts = Object.entries(Object.groupBy(states, (found) => found));
      return {
        holds: states.every((found) => found === state),
        detail: counts.map(([found, all]) => `${all.length} ${found}`).join(', '),
      };
    },
  }),
  /** The port of the VIP answers, or does not, to a new client. */
  portAnswers: expectation({
    takes: [count('port'), ANSWERS],
    says: (port, answers) => `port ${port} ${answers ? 'answers' : 'does not answer'}`,
    async look({ lab }, port, answers) {
      const answered = await answersAt(lab, lab.vip, port);
      return { holds: answered === answers, detail: answered ? 'answered' : 'no answer within 1 s' };
    },
  }),
  /** Another address of the load balancer answers. */
  addressAnswers: expectation({
    takes: [TEXT.as('address', 'the address')],
    says: (address) => `${address} answers`,
    async look(world, address) {
      const startedMs = performance.now();
      const answered = await askedUntil(
        () => answersAt(world.lab, address, world.lab.port),
        (answer) => answer,
        limitMs(world),
      );
      return { holds: answered, detail: `asked for ${inMs(performance.now() - startedMs)}` };
    },
  }),
};

function isAnswered({ outcome }: RequestObservation): boolean {
  return outcome === 'answered';
}

async function answersAt({ fabric }: World['lab'], address: string, port: number): Promise<boolean> {
  const url = `http://${urlHost(address)}:${port}/`;
  const [asked] = await fabric.attempt({
    argv: ['curl', '--silent', '--max-time', '1', '--output', '/dev/null', url],
  });
  return asked?.exitCode === 0;
}
