import { urlHost } from '../../../../src/domain/url-host.ts';
import type { Connections } from '../../../lab/connections.ts';
import type { DownloadState, Downloads } from '../../../lab/downloads.ts';
import type { LabObservation, RequestObservation } from '../../../observe/observation.ts';
import { everyRequest } from '../../../observe/waits.ts';
import { STEADY_REQUESTS } from '../../probes.ts';
import { checked, limitMs, sinceMs, type World } from '../world.ts';
import { askedUntil } from './asked.ts';
import { type AboutAmphora, awaited } from './awaited.ts';

/** What clients get. */
export interface ServiceExpectations {
  readonly servedBy: AboutAmphora;
  /** For so many seconds nobody is served. */
  unserved(after: LabObservation, seconds: number): Promise<void>;
  /** From then on until now, every request was answered: those under way are waited for. */
  noRequestLost(after: LabObservation): Promise<void>;
  /** At most so many were not. */
  fewRequestsLost(after: LabObservation, most: number): Promise<void>;
  /** So many of the connections have been cut. */
  connectionsCut(connections: Connections, least: number, most: number): Promise<void>;
  /** Each of the downloads is in that state. */
  downloadsAre(state: DownloadState, downloads: Downloads): Promise<void>;
  /** The port of the VIP answers, or does not, to a new client. */
  portAnswers(port: number, answers: boolean): Promise<void>;
  /** Another address of the load balancer answers. */
  addressAnswers(address: string): Promise<void>;
}

export function serviceExpectations(world: World): ServiceExpectations {
  const { lab, log } = world;
  const vip = lab.deployment.vip.ip_address;
  const fewLost = (after: LabObservation, most: number) =>
    checked(world, most === 0 ? 'no request is lost' : `at most ${most} requests are lost`, async () => {
      const untilMs = Math.ceil(Date.now() + STEADY_REQUESTS * world.probe.intervalMs);
      const untilNs = BigInt(untilMs) * 1_000_000n;
      const since = await log.waitFor({
        what: 'the outcome of every request that was under way',
        limitMs: limitMs(world),
        sinceNs: BigInt(after.atNs),
        look: everyRequest(untilNs),
        like: [{ kind: 'request' }],
      });
      const lost = since.filter(({ outcome }) => outcome === 'failed');
      const [first] = lost;
      const detail = first
        ? `${lost.length} of ${since.length} failed, the first ${sinceMs(after, first).toFixed(0)} ms after ${after.name} (${first.failure})`
        : `${since.length} requests, all answered`;
      return { holds: lost.length <= most, detail };
    });

  return {
    servedBy: awaited(
      world,
      'request served by {}',
      ({ vrrp_ip }) => [{ kind: 'request', servedBy: vrrp_ip }],
      'done',
    ),
    unserved: (after, seconds) =>
      checked(world, `nobody is served for ${seconds} s`, async () => {
        const requests = await log.waitFor({
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
            ? `served ${sinceMs(after, served).toFixed(0)} ms after ${after.name}`
            : `none of ${requests.length} requests`,
        };
      }),
    noRequestLost: (after) => fewLost(after, 0),
    fewRequestsLost: fewLost,
    connectionsCut: (connections, least, most) =>
      checked(world, `${least} to ${most} of ${connections.count} connections are cut`, async () => {
        await connections.asked();
        world.measures.storyConnectionsCut = connections.cut;
        return {
          holds: connections.cut >= least && connections.cut <= most,
          detail: `${connections.cut} cut`,
        };
      }),
    downloadsAre: (state, downloads) =>
      checked(world, `downloads: all ${state}`, async () => {
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
      }),
    portAnswers: (port, answers) =>
      checked(world, `port ${port} ${answers ? 'answers' : 'does not answer'}`, async () => {
        const answered = await answersAt(lab, vip, port);
        return { holds: answered === answers, detail: answered ? 'answered' : 'no answer within 1 s' };
      }),
    addressAnswers: (address) =>
      checked(world, `${address} answers`, async () => {
        const startedMs = performance.now();
        const port = lab.deployment.loadBalancer.listeners[0]?.protocol_port ?? 0;
        const answered = await askedUntil(
          () => answersAt(lab, address, port),
          (answer) => answer,
          limitMs(world),
        );
        return { holds: answered, detail: `asked for ${(performance.now() - startedMs).toFixed(0)} ms` };
      }),
  };
}

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
