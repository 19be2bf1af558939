import { urlHost } from '../../../../src/domain/url-host.ts';
import type { Connections } from '../../../lab/connections.ts';
import type { DownloadState, Downloads } from '../../../lab/downloads.ts';
import type { LabObservation, Observation } from '../../../observe/observation.ts';
import { requestsToSettle } from '../../probes.ts';
import { checked, limitMs, sinceMs, type World } from '../world.ts';
import { type AboutAmphora, awaited } from './awaited.ts';

/** What clients get. */
export interface ServiceExpectations {
  readonly servedBy: AboutAmphora;
  /** For so many seconds nobody is served. */
  unserved(after: LabObservation, seconds: number): Promise<void>;
  /** From then on until now, every request was answered. */
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
      let more = requestsToSettle(world.probe);
      await log.waitFor({
        what: `${more} more requests`,
        limitMs: limitMs(world),
        sinceNs: BigInt(Date.now()) * 1_000_000n,
        match: (entry): entry is Observation => entry.kind === 'request' && --more <= 0,
      });
      const since = log.entries.filter(
        (entry) => entry.kind === 'request' && BigInt(entry.atNs) >= BigInt(after.atNs),
      );
      const lost = since.flatMap((entry) =>
        entry.kind === 'request' && entry.outcome === 'failed' ? [entry] : [],
      );
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
      (entry, { vrrp_ip }) => entry.kind === 'request' && entry.servedBy === vrrp_ip,
    ),
    unserved: (after, seconds) =>
      checked(world, `nobody is served for ${seconds} s`, async () => {
        const untilNs = BigInt(after.atNs) + BigInt(seconds * 1e9);
        const sinceNs = BigInt(after.doneNs ?? after.atNs);
        const seen = await log.waitFor({
          what: 'a request',
          limitMs: seconds * 1000 + limitMs(world),
          sinceNs,
          match: (entry): entry is Observation =>
            entry.kind === 'request' && (entry.outcome === 'answered' || BigInt(entry.atNs) >= untilNs),
        });
        const served = seen.kind === 'request' && seen.outcome === 'answered' && BigInt(seen.atNs) < untilNs;
        return {
          holds: !served,
          detail: served ? `served ${sinceMs(after, seen).toFixed(0)} ms after` : 'nobody',
        };
      }),
    noRequestLost: (after) => fewLost(after, 0),
    fewRequestsLost: fewLost,
    connectionsCut: (connections, least, most) =>
      checked(world, `${least} to ${most} of ${connections.count} connections are cut`, async () => {
        await connections.asked();
        world.measures.cutConnections = connections.cut;
        return {
          holds: connections.cut >= least && connections.cut <= most,
          detail: `${connections.cut} cut`,
        };
      }),
    downloadsAre: (state, downloads) =>
      checked(world, `downloads: all ${state}`, async () => {
        const startedMs = performance.now();
        let states = await downloads.states();
        // What was under way to a busy harness arrives late.
        while (states.some((found) => found !== state) && performance.now() - startedMs < limitMs(world)) {
          states = await downloads.states();
        }
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
        let answered = await answersAt(lab, address, port);
        while (!answered && performance.now() - startedMs < limitMs(world)) {
          answered = await answersAt(lab, address, port);
        }
        return { holds: answered, detail: `asked for ${(performance.now() - startedMs).toFixed(0)} ms` };
      }),
  };
}

async function answersAt({ fabric }: World['lab'], address: string, port: number): Promise<boolean> {
  const url = `http://${urlHost(address)}:${port}/`;
  const [asked] = await fabric.attempt({
    argv: ['curl', '--silent', '--max-time', '1', '--output', '/dev/null', url],
  });
  return asked?.exitCode === 0;
}
