import { randomUUID } from 'node:crypto';
import { Client } from 'undici';
import { AgentClient } from '../../src/driver/client.ts';
import { bootFiles } from '../../src/flows/boot-files.ts';
import { type ControllerIdentity, createIdentity } from '../../src/flows/certificate-authority.ts';
import { PATHS } from '../../src/templates/paths.ts';
import { BOOT_RETRY, type Instance, LabCompute } from './compute.ts';
import type { Engine } from './engine/engine.ts';
import { newLabName } from './engine/labels.ts';
import { Fabric } from './fabric/fabric.ts';
import type { Images } from './images/images.ts';
import { inAmphora } from './namespaces.ts';
import { buildNetwork } from './network.ts';

/** What an agent answered; the body is parsed where it is JSON. */
export interface AgentAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly etag?: string;
}

/** An amphora that nobody has configured yet, alone in a lab: for talking to its agent. */
export class BareAmphora implements AsyncDisposable {
  readonly id: string;
  readonly identity: ControllerIdentity;
  readonly instance: Instance;
  readonly #fabric: Fabric;
  readonly #disposal: AsyncDisposableStack;
  #nics = 0;

  private constructor(parts: {
    id: string;
    identity: ControllerIdentity;
    instance: Instance;
    fabric: Fabric;
    disposal: AsyncDisposableStack;
  }) {
    this.id = parts.id;
    this.identity = parts.identity;
    this.instance = parts.instance;
    this.#fabric = parts.fabric;
    this.#disposal = parts.disposal;
  }

  /** @param agentOptions lines of its [amphora_agent] section, beyond those that every amphora has */
  static async boot(
    engine: Engine,
    images: Images,
    agentOptions: Readonly<Record<string, string | number>> = {},
  ): Promise<BareAmphora> {
    await using stack = new AsyncDisposableStack();
    const lab = newLabName();
    const fabric = stack.use(await Fabric.start(engine, { lab, image: images.fabric }));
    await buildNetwork(fabric);
    const identity = await createIdentity();
    const compute = new LabCompute({
      engine,
      lab,
      image: images.amphora,
      fabric: Promise.resolve(fabric),
    });
    stack.defer(() => compute.deleteAll());
    const id = randomUUID();
    const options = Object.entries(agentOptions).map(([name, value]) => `${name} = ${value}\n`);
    const files = (await bootFiles({ identity, amphoraId: id, topology: 'ACTIVE_STANDBY' })).map((file) =>
      file.path === PATHS.agentConfiguration
        ? {
            ...file,
            content: file.content.replace('[amphora_agent]\n', `[amphora_agent]\n${options.join('')}`),
          }
        : file,
    );
    const { computeId } = await compute.boot({ amphoraId: id, files });
    const instance = compute.instance(computeId);
    await using agent = new AgentClient({ id, agent_url: instance.agentUrl }, identity.credentials);
    await agent.call('GET', '/', undefined, BOOT_RETRY);
    // Until its boot has ended, service(8) takes the reload of a unit that is stopped for done.
    await fabric.run({
      argv: inAmphora(instance, 'systemctl', 'is-system-running', '--wait'),
    });
    return new BareAmphora({ id, identity, instance, fabric, disposal: stack.move() });
  }

  /** A connection to the agent that sends paths as they are, dots and percent signs included. */
  connect(options: { readonly cert?: string; readonly key?: string; readonly maxVersion?: 'TLSv1.1' } = {}) {
    const { ca, cert, key } = this.identity.credentials;
    return new Client(this.instance.agentUrl, {
      connect: { ca, cert, key, servername: this.id, ...options },
    });
  }

  /** Puts a NIC with this MAC into the amphora, as a cloud hot-plugs it. */
  async plug(macAddress: string): Promise<void> {
    const number = ++this.#nics;
    await this.#fabric.run({
      argv: ['ip', '-n', 'switch', '-batch', '-'],
      stdin: `link add nic${number} type veth peer name nic${number} address ${macAddress} netns ${this.instance.pid}\nlink set nic${number} master br0 up\n`,
    });
  }

  /** Runs a program among the amphora's files and in its namespaces; gives what it wrote. */
  async run(...argv: readonly string[]): Promise<string> {
    const own = ['nsenter', '--net=/proc/1/ns/net', '--uts=/proc/1/ns/uts'];
    const [result] = await this.#fabric.run({ argv: inAmphora(this.instance, ...own, ...argv) });
    return result?.stdout ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposal.disposeAsync();
  }
}

/** Sends one request and reads its answer. */
export async function ask(
  client: Client,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH',
  path: string,
  body?: string | Buffer | object,
): Promise<AgentAnswer> {
  const json = typeof body === 'object' && !Buffer.isBuffer(body);
  const answer = await client.request({
    method,
    path,
    ...(body !== undefined && { body: json ? JSON.stringify(body) : body }),
    ...(json && { headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.body.text();
  const isJson = String(answer.headers['content-type']).includes('json');
  const { etag } = answer.headers;
  return {
    status: answer.statusCode,
    body: isJson ? (JSON.parse(text) as unknown) : text,
    ...(typeof etag === 'string' && { etag }),
  };
}
