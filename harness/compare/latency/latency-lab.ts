import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AmphoraDriver } from '../../../src/driver/driver.ts';
import type { ClientCredentials } from '../../../src/driver/endpoint.ts';
import { readFileReference } from '../../../src/driver/secret.ts';
import { ADDRESSES } from '../../lab/addresses.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import { execute } from '../../lab/engine/execution.ts';
import { BEGUN, type LoadRequest, type LoadResult } from '../../lab/fabric/request-load.ts';
import { bundle } from '../../lab/images/bundle.ts';
import { defaultLoadBalancer } from '../../lab/load-balancer.ts';
import type { Checkout, Opened } from '../bench/checkout.ts';
import { argumentsOf, type Variant } from '../bench/variant.ts';

const PROGRAM = 'harness/lab/fabric/request-load-main';
const PLACE = '/tmp/request-load.cjs';

/** What `lab up --json` prints. */
const upSchema = z.object({
  name: z.string(),
  amphorae: z
    .array(
      z.object({
        ...{ id: z.string(), container: z.string(), vrrpIp: z.string() },
        agent: z.object({ url: z.string(), ca: z.string(), cert: z.string(), key: z.string() }),
      }),
    )
    .min(1),
});

type LabAmphora = z.output<typeof upSchema>['amphorae'][number];

/** Asks the service in another way than its neighbour does. */
export type Asked = Omit<LoadRequest, 'host' | 'port'>;

/**
 * A lab of one side, built by that side's own checkout with its own agent, images, templates and controller; the
 * instrument is this checkout's on both sides: it enters the lab by the engine.
 */
export class LatencyLab implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #opened: Opened;
  readonly #name: string;
  readonly #amphorae: readonly LabAmphora[];
  readonly #driver: AmphoraDriver;
  /** The address and port of the lab's own load balancer, which every checkout builds. */
  readonly vip: Readonly<{ host: string; port: number }> = {
    host: ADDRESSES.vip,
    port: defaultLoadBalancer().listeners[0]?.protocol_port ?? 0,
  };
  /** The load balancer's, or the listener's where each has its own HAProxy: the agent's folder is named so. */
  readonly #haproxyId: string;

  private constructor(parts: {
    readonly engine: Engine;
    readonly opened: Opened;
    readonly up: z.output<typeof upSchema>;
    readonly credentials: ClientCredentials;
    readonly haproxyId: string;
  }) {
    this.#engine = parts.engine;
    this.#opened = parts.opened;
    this.#name = parts.up.name;
    this.#amphorae = parts.up.amphorae;
    this.#haproxyId = parts.haproxyId;
    this.#driver = new AmphoraDriver(parts.credentials, { readSecret: readFileReference });
  }

  /** @throws CommandFailed */
  static async start(
    engine: Engine,
    checkout: Checkout,
    variant: Pick<Variant, 'set' | 'system'>,
    signal: AbortSignal,
  ): Promise<LatencyLab> {
    await using stack = new AsyncDisposableStack();
    const opened = stack.use(await checkout.open(['lab', 'up', '--json', ...argumentsOf(variant)], signal));
    const up = upSchema.parse(JSON.parse(opened.line));
    const [amphora] = up.amphorae;
    if (!amphora) throw new Error('The lab has no amphora.');
    const [ca, cert, key] = await Promise.all(
      [amphora.agent.ca, amphora.agent.cert, amphora.agent.key].map((path) => readFile(path, 'utf8')),
    );
    const credentials = { ca: ca ?? '', cert: cert ?? '', key: key ?? '' };
    await execute(engine, fabricOf(up.name), ['sh', '-c', `cat > ${PLACE}`], {
      stdin: await bundle(PROGRAM),
    });
    const found = await execute(engine, amphora.container, [
      'sh',
      '-c',
      'ls -d /var/lib/octavia/*/haproxy.cfg',
    ]);
    const haproxyId = /octavia\/([^/]+)\/haproxy.cfg/.exec(found)?.[1] ?? '';
    stack.move();
    return new LatencyLab({ engine, opened, up, credentials, haproxyId });
  }

  /** The container that holds the client. */
  get fabric(): string {
    return fabricOf(this.#name);
  }

  /** What runs in its amphorae, as the programs say it. */
  async versions(): Promise<string> {
    const ask = 'haproxy -v 2>&1 | head -n 1; keepalived --version 2>&1 | head -n 1';
    const said = await execute(this.#engine, this.#amphorae[0]?.container ?? '', ['sh', '-c', ask]);
    const haproxy = /haproxy version (\S+)/i.exec(said)?.[1];
    const keepalived = /keepalived v(\S+)/i.exec(said)?.[1];
    return `HAProxy ${haproxy ?? 'of unknown version'}, keepalived ${keepalived ?? 'of unknown version'}`;
  }

  /**
   * Puts the load on the service, and gives what became of it.
   *
   * @param begun called when the load begins
   */
  async load(asked: Asked, begun: () => Promise<void> = async () => {}): Promise<LoadResult> {
    const request: LoadRequest = { ...this.vip, ...asked };
    let meanwhile: Promise<void> | undefined;
    const argv = ['node', PLACE, JSON.stringify(request)];
    const printed = await execute(this.#engine, this.fabric, argv, {
      onLine: (line) => {
        if (line !== BEGUN) return;
        meanwhile = begun();
        // It is awaited below.
        meanwhile.catch(() => {});
      },
    });
    await meanwhile;
    return JSON.parse(printed.slice(printed.indexOf('\n') + 1)) as LoadResult;
  }

  /** Has the agent of the amphora that serves reload HAProxy, as the controller does. */
  async reload({ servedBy }: Pick<LoadResult, 'servedBy'>): Promise<void> {
    const { id, agent } = this.#serving(servedBy);
    await this.#driver.haproxy({ id, agent_url: agent.url }, this.#haproxyId, 'reload');
  }

  /** The command, in the lab, that takes the switch port of the amphora that serves down, or up again. */
  switchPort({ servedBy }: Pick<LoadResult, 'servedBy'>, state: 'up' | 'down'): readonly string[] {
    const node = this.#serving(servedBy).container.replace(`${this.#name}-`, '');
    return ['ip', '-n', 'switch', 'link', 'set', node, state];
  }

  /** Runs a command in the lab, in the client's namespace. */
  async run(argv: readonly string[]): Promise<void> {
    await execute(this.#engine, this.fabric, argv);
  }

  /** Takes the lab down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#driver[Symbol.asyncDispose]();
    await this.#opened[Symbol.asyncDispose]();
  }

  #serving(servedBy: string | undefined): LabAmphora {
    const found = this.#amphorae.find(({ vrrpIp }) => vrrpIp === servedBy);
    if (!found) throw new Error(`No answer came through an amphora of the lab; found "${servedBy}".`);
    return found;
  }
}

function fabricOf(lab: string): string {
  return `${lab}-fabric`;
}
