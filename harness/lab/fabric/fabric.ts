import http2 from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { urlHost } from '../../../src/domain/url-host.ts';
import { eachLine } from '../../streams/lines.ts';
import { startAttached } from '../engine/attached.ts';
import { hostProcesses, unconfined } from '../engine/confinement.ts';
import { containerGone } from '../engine/containers.ts';
import type { Engine } from '../engine/engine.ts';
import { engineHost } from '../engine/engine-host.ts';
import {
  type DatagramsRequest,
  FIRST_WITHIN,
  type GuardRequest,
  type HoldRequest,
  type HostLimits,
  type KeepalivedDump,
  type KeepalivedRequest,
  type Load,
  PATHS,
  type PacketsRequest,
  type ProbeRequest,
  type StallsRequest,
  type Step,
  type StepResult,
  type TablesRequest,
} from './protocol.ts';

/** A step in the fabric failed; the message has the command and its output. */
export class FabricError extends Error {
  override readonly name = 'FabricError';
}

/** The fabric's container has ended, and the lab with it: the engine failed, or somebody removed it. */
export class LabGone extends Error {
  override readonly name = 'LabGone';

  constructor(cause?: unknown) {
    super('The lab is gone: its fabric container has ended.', { cause });
  }
}

/** What takes steps in a lab: its fabric, at once or at a given instant. */
export interface StepRunner {
  /** Runs steps in order. @throws FabricError when one of them fails. */
  run(...steps: readonly Step[]): Promise<readonly StepResult[]>;
}

/** A 127.0.0.1 port whose connections continue in the lab, from the client's namespace. */
export interface Forward extends AsyncDisposable {
  readonly port: number;
  /** Ends the open connections; new ones are still accepted. */
  cut(): void;
}

/**
 * The started fabric container of a lab. It lives as long as the connection to its standard streams;
 * disposing of it, or losing this process, destroys every guarded container as well.
 */
export class Fabric implements AsyncDisposable, StepRunner {
  readonly containerId: string;
  readonly #session: http2.ClientHttp2Session;
  /** Resolves when the container has ended, for any reason. */
  readonly ended: Promise<void>;
  readonly #forwards = new Set<Forward>();

  readonly #engine: Engine;

  private constructor(
    engine: Engine,
    containerId: string,
    session: http2.ClientHttp2Session,
    ended: Promise<void>,
  ) {
    this.#engine = engine;
    this.containerId = containerId;
    this.#session = session;
    this.ended = ended;
  }

  /** Creates and starts the container, and connects to it. */
  static async start(engine: Engine, options: { lab: string; image: string }): Promise<Fabric> {
    const { lab, image } = options;
    const host = await engineHost(engine);
    const rights = unconfined(engine, host);
    const processes = hostProcesses(engine, host);
    const { containerId, streams, stderr, ended } = await startAttached(
      engine,
      { lab, role: 'fabric' },
      {
        Image: image,
        HostConfig: {
          // NET_ADMIN and SYS_ADMIN: namespaces, links and rules. NET_RAW: captures. SYS_PTRACE: to enter an
          // amphora's namespaces by its pid. KILL is among the engine's defaults.
          CapAdd: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'SYS_PTRACE'],
          ...rights,
          ...processes,
          Binds: [...rights.Binds, ...processes.Binds],
          Tmpfs: { '/run': 'rw,mode=755', '/tmp': 'rw' },
        },
      },
    );
    stderr.setEncoding('utf8').on('data', (text: string) => process.stderr.write(`fabric: ${text}`));
    const session = http2.connect('http://fabric', { createConnection: () => streams });
    session.on('error', () => {});
    ended.then(() => session.destroy());
    return new Fabric(engine, containerId, session, ended);
  }

  /** Runs steps in order. @throws FabricError when one of them fails. */
  run(...steps: readonly Step[]): Promise<readonly StepResult[]> {
    return this.#run(steps);
  }

  /** Takes the first of its steps at an instant, ns since the epoch, however busy the harness is then. */
  at(atNs: bigint): StepRunner {
    return { run: (...steps) => this.#run(steps, atNs) };
  }

  async #run(steps: readonly Step[], atNs?: bigint): Promise<readonly StepResult[]> {
    const scheduled = atNs === undefined ? {} : { atNs: String(atNs) };
    const results = (await this.#ask(PATHS.run, { steps, ...scheduled })) as StepResult[];
    const last = results.at(-1);
    const step = steps[results.length - 1];
    if (last && last.exitCode !== 0 && step) {
      throw new FabricError(
        `In the lab's fabric, "${described(step)}" failed with ${last.exitCode}: ${last.stderr || last.stdout}`,
      );
    }
    return results;
  }

  /** Runs steps in order and gives the results of those that were started, the failed one last. */
  attempt(...steps: readonly Step[]): Promise<readonly StepResult[]> {
    return this.#ask(PATHS.run, { steps }) as Promise<StepResult[]>;
  }

  /**
   * Starts a program in the fabric; its standard output arrives on the stream, whose end ends the program. Where the
   * program ends by itself, the trailers hold its {@link COMPLAINT}.
   */
  stream(...argv: readonly string[]): http2.ClientHttp2Stream {
    return this.#open(PATHS.stream, { argv });
  }

  /** Likewise, for a program that monitors the network: the stream's `response` says that it hears of each change from now on. */
  monitor(...argv: readonly string[]): http2.ClientHttp2Stream {
    return this.#open(PATHS.stream, { argv, hears: true });
  }

  /** Starts the open-loop HTTP prober in the client's namespace; lines of JSON arrive on the stream. */
  probe(request: ProbeRequest): http2.ClientHttp2Stream {
    return this.#open(PATHS.probe, request);
  }

  /** Starts the packet prober in the client's namespace; lines of JSON arrive on the stream. */
  packets(request: PacketsRequest): http2.ClientHttp2Stream {
    return this.#open(PATHS.packets, request);
  }

  /**
   * Binds a UDP port in the fabric's namespace, and forwards its datagrams until the lab ends.
   *
   * @throws FabricError when the port cannot be bound
   */
  async onDatagram(request: DatagramsRequest, handler: (datagram: Buffer) => void): Promise<AsyncDisposable> {
    const stream = this.#open(PATHS.datagrams, request);
    const { promise: bound, resolve, reject } = Promise.withResolvers<void>();
    stream.once('response', resolve);
    stream.once('close', () =>
      reject(new FabricError(`UDP port ${request.port} of ${request.host} could not be bound in the lab.`)),
    );
    eachLine(stream, (line) => handler(Buffer.from(line, 'base64')));
    await bound;
    return { [Symbol.asyncDispose]: async () => void stream.destroy() };
  }

  /** Keeps connections to a listener open, with requests now and then; lines of JSON arrive on the stream. */
  hold(request: HoldRequest): http2.ClientHttp2Stream {
    return this.#open(PATHS.hold, request);
  }

  /** Watches how many entries stick tables hold; lines of JSON arrive on the stream. */
  tables(request: TablesRequest): http2.ClientHttp2Stream {
    return this.#open(PATHS.tables, request);
  }

  /** Watches processes, and the fabric's own, for being held up; lines of JSON arrive on the stream. */
  stalls(request: StallsRequest): http2.ClientHttp2Stream {
    return this.#open(PATHS.stalls, request);
  }

  /** Watches how long the lab's processes wait for a processor; lines of JSON arrive on the stream. */
  waits(): http2.ClientHttp2Stream {
    return this.#open(PATHS.waits, {});
  }

  /** The state that a machine's keepalived writes; null where none runs or none answers. */
  keepalived(request: KeepalivedRequest): Promise<KeepalivedDump | null> {
    return this.#ask(PATHS.keepalived, request) as Promise<KeepalivedDump | null>;
  }

  /** Processor time of the fabric and its observing programs so far. */
  load(): Promise<Load> {
    return this.#ask(PATHS.load, {}) as Promise<Load>;
  }

  /** From now on the fabric destroys this container when the harness is gone. */
  async guard(request: GuardRequest): Promise<void> {
    await this.#ask(PATHS.guard, request);
  }

  /** Limits of the engine's host. */
  hostLimits(): Promise<HostLimits> {
    return this.#ask(PATHS.host, {}) as Promise<HostLimits>;
  }

  /**
   * Opens a 127.0.0.1 port that leads to `host`:`port` as the lab's client sees it.
   *
   * @param firstWithinMs until somebody has listened there once, each connection waits so long for that
   */
  async forward(host: string, port: number, firstWithinMs = 0): Promise<Forward> {
    const sockets = new Set<Socket>();
    const server: Server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      if (this.#session.destroyed) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      const tunnel = this.#session.request(
        {
          ...{ ':method': 'CONNECT', ':authority': `${urlHost(host)}:${port}` },
          [FIRST_WITHIN]: String(firstWithinMs),
        },
        { endStream: false },
      );
      tunnel.on('response', (headers) => {
        if (headers[':status'] === 200) socket.pipe(tunnel).pipe(socket);
        else socket.resetAndDestroy();
      });
      tunnel.on('error', () => socket.destroy());
      tunnel.on('close', () => socket.destroy());
      socket.on('error', () => tunnel.close());
      socket.on('close', () => {
        sockets.delete(socket);
        tunnel.close();
      });
    });
    const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
    await listening;
    const address = server.address();
    if (address === null || typeof address === 'string')
      throw new FabricError('No port could be opened on 127.0.0.1.');
    const forward: Forward = {
      port: address.port,
      cut: () => {
        for (const socket of sockets) socket.destroy();
      },
      [Symbol.asyncDispose]: async () => {
        this.#forwards.delete(forward);
        forward.cut();
        const { promise, resolve: closed } = Promise.withResolvers<void>();
        server.close(() => closed());
        await promise;
      },
    };
    this.#forwards.add(forward);
    return forward;
  }

  /** Ends the fabric, and with it the lab; resolves when its container has gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const forward of this.#forwards) await forward[Symbol.asyncDispose]();
    const gone = containerGone(this.#engine, this.containerId);
    this.#session.destroy();
    await gone;
  }

  #open(path: string, body: unknown): http2.ClientHttp2Stream {
    if (this.#session.destroyed) throw new LabGone();
    const request = this.#session.request({ ':method': 'POST', ':path': path });
    request.on('error', () => {});
    request.end(JSON.stringify(body));
    return request;
  }

  async #ask(path: string, body: unknown): Promise<unknown> {
    const stream = this.#open(path, body);
    try {
      return await json(stream);
    } catch (cause) {
      // Its answer was cut short.
      throw new LabGone(cause);
    }
  }
}

function described(step: Step): string {
  if ('argv' in step) return `${step.argv.join(' ')}\n${step.stdin ?? ''}`.trim();
  if ('file' in step) return `write ${step.file}`;
  if ('read' in step) return `read ${step.read} of the machine of process ${step.machine}`;
  if ('remove' in step) return `remove ${step.remove} of the machine of process ${step.machine}`;
  return 'signal' in step ? `${step.signal} ${step.pid}` : `the end of ${step.ended}`;
}
