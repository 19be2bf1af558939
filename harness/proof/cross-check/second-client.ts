import type { ClientHttp2Stream } from 'node:http2';
import { isIPv6 } from 'node:net';
import { ADDRESSES } from '../../lab/addresses.ts';
import type { Lab } from '../../lab/lab.ts';
import { type Packet, PcapReader } from '../../observations/pcap.ts';
import { CannotRun } from '../../vocabulary/deed.ts';
import type { Seen } from './agreement.ts';
import { answerIn } from './answer.ts';

/** Its network namespace: it shares only the router with the prober. */
const NAMESPACE = 'second';
const SPACING_MS = 5;
const PATIENCE_MS = 500;
/** More than any story takes; it is ended with its stream. */
const CONNECTIONS = 1_000_000;
const SNAP_LENGTH_BYTES = 160;
const LISTEN_LIMIT_MS = 5000;
/** This many answers in a row show that the service is back after a story. */
const ANSWERS = 20;

/**
 * Programs of other authors that ask the VIP beside the testbed's probers: httperf sends a request over a new connection
 * every 5 ms, open loop, and fping a packet. Their answers are dated by a capture at their own interface.
 */
export class SecondClient implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #answersNs = { outage: [] as bigint[], packetOutage: [] as bigint[] };
  readonly #streams: ClientHttp2Stream[] = [];
  #waiting: (() => void) | undefined;
  #untilNs: bigint | undefined;

  private constructor(lab: Lab) {
    this.#lab = lab;
  }

  /**
   * Resolves when both programs are answered.
   *
   * @throws CannotRun where the VIP is not IPv4, which is all that httperf knows
   */
  static async start(lab: Lab): Promise<SecondClient> {
    const vip = lab.vip;
    if (isIPv6(vip)) throw new CannotRun(`httperf knows IPv4 alone, and the VIP is ${vip}`);
    const client = new SecondClient(lab);
    await lab.fabric.run(
      { argv: ['ip', 'netns', 'add', NAMESPACE] },
      {
        argv: ['ip', '-n', 'router', '-batch', '-'],
        stdin: [
          `link add ${NAMESPACE}0 type veth peer name eth0 netns ${NAMESPACE}`,
          `address add ${ADDRESSES.secondClientGateway}/${ADDRESSES.secondClientPrefix} dev ${NAMESPACE}0`,
          `link set ${NAMESPACE}0 up`,
          '',
        ].join('\n'),
      },
      {
        argv: ['ip', '-n', NAMESPACE, '-batch', '-'],
        stdin: [
          `address add ${ADDRESSES.secondClient}/${ADDRESSES.secondClientPrefix} dev eth0`,
          'link set eth0 up',
          `route add default via ${ADDRESSES.secondClientGateway}`,
          '',
        ].join('\n'),
      },
    );
    try {
      await client.#begin(vip, lab.port);
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  async #begin(vip: string, port: number): Promise<void> {
    const capture = this.#program(
      ...['tcpdump', '--interface=eth0', '--immediate-mode', '--packet-buffered'],
      ...['--time-stamp-precision=nano', '-n', `--snapshot-length=${SNAP_LENGTH_BYTES}`, '-w', '-'],
      `src host ${vip} and (tcp src port ${port} or icmp[icmptype] = icmp-echoreply)`,
    );
    const reader = new PcapReader();
    capture.on('data', (piece: Buffer) => {
      for (const packet of reader.push(piece)) this.#note(packet);
    });
    await this.#soon('the capture begins', () => new Promise((resolve) => capture.once('data', resolve)));
    const seconds = PATIENCE_MS / 1000;
    // httperf polls the clock without a pause: every other process gets the processor first.
    this.#program(
      ...['nice', 'httperf', '--server', vip, '--port', String(port), '--timeout', String(seconds), '--hog'],
      ...['--rate', String(1000 / SPACING_MS), '--num-conns', String(CONNECTIONS), '--num-calls', '1'],
    );
    // Without an interval of its own it sends one packet each 10 ms at the most, whatever its period (fping(8)).
    const spacing = [`--period=${SPACING_MS}`, '--interval=1'];
    this.#program('fping', '--loop', '--quiet', ...spacing, `--timeout=${PATIENCE_MS}`, vip);
    await this.#soon('httperf and fping are answered', () => this.#answered());
  }

  /** Resolves when both programs have been answered again, or their patience is over. */
  async servedAgain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(resolve, 2 * PATIENCE_MS);
    await Promise.race([this.#answered(), promise]);
    clearTimeout(limit);
  }

  /** What each program has seen by now. */
  get seen(): readonly Seen[] {
    const untilNs = this.#untilNs ?? BigInt(Date.now()) * 1_000_000n;
    const of = (client: string, metric: Seen['metric']) => {
      const answersNs = this.#answersNs[metric].filter((atNs) => atNs <= untilNs);
      return { client, metric, spacingMs: SPACING_MS, answersNs, untilNs };
    };
    return [of('httperf', 'outage'), of('fping', 'packetOutage')];
  }

  /** Ends the programs, and removes their network; what they have seen stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#untilNs ??= BigInt(Date.now()) * 1_000_000n;
    for (const stream of this.#streams) stream.destroy();
    await this.#lab.fabric.attempt(
      { argv: ['ip', '-n', 'router', 'link', 'delete', `${NAMESPACE}0`] },
      { argv: ['ip', 'netns', 'delete', NAMESPACE] },
    );
  }

  #program(...argv: readonly string[]): ClientHttp2Stream {
    const stream = this.#lab.fabric.stream('ip', 'netns', 'exec', NAMESPACE, ...argv);
    stream.resume();
    this.#streams.push(stream);
    return stream;
  }

  #note(packet: Packet): void {
    const metric = answerIn(packet.data);
    if (!metric) return;
    this.#answersNs[metric].push(packet.atNs);
    this.#waiting?.();
  }

  /** Resolves when both programs have got this many answers from now on. */
  #answered(): Promise<void> {
    const counts = () => Object.values(this.#answersNs).map(({ length }) => length);
    const before = counts();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = () => {
      if (counts().every((count, n) => count >= (before[n] ?? 0) + ANSWERS)) resolve();
    };
    return promise;
  }

  async #soon(what: string, wait: () => Promise<unknown>): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const limit = setTimeout(
      () => reject(new Error(`Within ${LISTEN_LIMIT_MS} ms this did not happen: ${what}.`)),
      LISTEN_LIMIT_MS,
    );
    await Promise.race([wait(), promise]).finally(() => clearTimeout(limit));
  }
}
