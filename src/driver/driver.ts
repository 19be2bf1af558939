import { createHash } from 'node:crypto';
import { type Amphora, OPEN_FILES_HEADER } from '../domain/amphora.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import type { Settings } from '../domain/settings.ts';
import type { Vip, VirtualAddress } from '../domain/vip.ts';
import type { KeepalivedInput } from '../templates/keepalived.ts';
import { type AgentAnswer, AgentClient, AgentRefused, RETRY, type RetryPolicy } from './client.ts';
import { connectionsWithin } from './connection-limit.ts';
import type { ClientCredentials, Endpoint } from './endpoint.ts';
import {
  type ApiVersion,
  haproxyRoutes,
  processesOf,
  type ServedLoadBalancer,
  type TlsFile,
  tlsFiles,
} from './haproxy-process.ts';
import { type LvsCall, lvsStart, lvsUpdate } from './lvs.ts';
import { OWN_RENDERERS, type Renderers } from './renderers.ts';
import type { SecretReader } from './secret.ts';

type RetryPolicies = Readonly<Record<keyof typeof RETRY, RetryPolicy>>;

/** The agent speaks no version of the API that this driver knows. */
export class UnsupportedApiVersion extends Error {
  override readonly name = 'UnsupportedApiVersion';
}

/** What the controller lets agents do (octavia/amphorae/drivers/haproxy/rest_api_driver.py). */
export class AmphoraDriver implements AsyncDisposable {
  readonly #credentials: ClientCredentials;
  readonly #signal: AbortSignal | undefined;
  readonly #readSecret: SecretReader;
  readonly #retry: RetryPolicies;
  readonly #split: boolean;
  readonly #fitConnections: boolean;
  readonly #renderers: Renderers;
  readonly #clients = new Map<string, AgentClient>();
  readonly #versions = new Map<string, Promise<ApiVersion>>();

  /**
   * With `split`, agents of API 1.0 are spoken to in 0.5: each listener has a HAProxy of its own. With
   * `fitConnections`, HAProxy is promised no more connections than the amphora's own limit of open files holds.
   */
  constructor(
    credentials: ClientCredentials,
    options: {
      readonly readSecret: SecretReader;
      readonly retry?: RetryPolicies;
      readonly split?: boolean;
      readonly fitConnections?: boolean;
      /** The testbed's templates, where absent. */
      readonly renderers?: Renderers;
      /** Once it fires, no agent is asked again. */
      readonly signal?: AbortSignal;
    },
  ) {
    this.#credentials = credentials;
    this.#signal = options.signal;
    this.#readSecret = options.readSecret;
    this.#retry = options.retry ?? RETRY;
    this.#split = options.split ?? false;
    this.#fitConnections = options.fitConnections ?? false;
    this.#renderers = options.renderers ?? OWN_RENDERERS;
  }

  /** Resolves when the agent of a booting amphora answers. */
  async waitForAgent(amphora: Amphora): Promise<void> {
    await this.#client(amphora)
      .call('GET', '/', undefined, this.#retry.boot)
      .catch((error: unknown) => {
        // An agent that does not know the question answers too.
        if (!(error instanceof AgentRefused)) throw error;
      });
  }

  /** Whether the agent answers: for amphorae that may be lost, with little patience. */
  reachable(amphora: Endpoint): Promise<boolean> {
    return this.#client(amphora)
      .call('GET', '/', undefined, this.#retry.failover)
      .then(
        () => true,
        () => false,
      );
  }

  async info(
    amphora: Amphora,
  ): Promise<{ readonly haproxy_version: string; readonly keepalived_version: string }> {
    const body = await this.#call(amphora, 'GET', 'info');
    return body as { haproxy_version: string; keepalived_version: string };
  }

  /** The agent makes the NIC with this MAC the VIP's; one that is plugged already stays as it is. */
  async plugVip(
    amphora: Amphora,
    vip: Vip,
    port: { macAddress: string; mtu: number },
    additionalVips: readonly VirtualAddress[] = [],
  ): Promise<void> {
    try {
      await this.#call(amphora, 'POST', `plug/vip/${vip.ip_address}`, {
        subnet_cidr: vip.subnet_cidr,
        gateway: vip.gateway_ip ?? null,
        mac_address: port.macAddress,
        mtu: port.mtu,
        vrrp_ip: amphora.vrrp_ip,
        host_routes: vip.host_routes,
        additional_vips: additionalVips.map(({ ip_address, subnet_cidr, gateway_ip, host_routes }) => ({
          ...{ ip_address, subnet_cidr, host_routes },
          gateway: gateway_ip ?? null,
        })),
      });
    } catch (error) {
      if (!(error instanceof AgentRefused && error.status === 409)) throw error;
    }
  }

  /** The interface that holds an address. */
  async interfaceOf(amphora: Amphora, ip: string): Promise<string> {
    const body = await this.#call(amphora, 'GET', `interface/${ip}`);
    return (body as { interface: string }).interface;
  }

  /** @param pem the certificate by which the agent is known from now on, with its key */
  async uploadCertificate(amphora: Amphora, pem: string): Promise<void> {
    await this.#call(amphora, 'PUT', 'certificate', pem);
  }

  /** Replaces the agent's configuration of its first boot. */
  async uploadAgentConfiguration(amphora: Amphora, configuration: string): Promise<void> {
    await this.#call(amphora, 'PUT', 'config', configuration);
  }

  /** Uploads keepalived.conf; what runs stays as it is until it is reloaded. */
  async updateVrrp(request: KeepalivedInput): Promise<void> {
    await this.#call(request.amphora, 'PUT', 'vrrp/upload', await this.#renderers.keepalived(request));
  }

  async vrrp(amphora: Endpoint, action: 'start' | 'stop' | 'reload'): Promise<void> {
    await this.#call(amphora, 'PUT', `vrrp/${action}`);
  }

  /**
   * Brings an amphora from what it serves to what it is to serve: TLS material, configuration, reload, which
   * starts a HAProxy that does not run. A process that has no listener left is deleted, and TLS material that
   * nothing refers to any more.
   *
   * @throws AgentRefused with status 400 when HAProxy rejects the configuration; the running one stays
   */
  async updateListeners(amphora: Amphora, wanted: ServedLoadBalancer, before: LoadBalancer): Promise<void> {
    const { loadBalancer } = wanted;
    const served = this.#fitConnections
      ? { ...wanted, settings: await this.#fitted(amphora, wanted) }
      : wanted;
    const version = await this.#version(amphora);
    const routes = haproxyRoutes(version);
    const processes = processesOf(loadBalancer, version);
    const former = processesOf(before, version);
    await this.#callAll(amphora, await lvsUpdate(this.#renderers, amphora, served, before, version));
    for (const { id } of former.filter((one) => !processes.some((process) => process.id === one.id))) {
      await this.#call(amphora, 'DELETE', `listeners/${id}`);
    }
    for (const process of processes) {
      const files = tlsFiles(loadBalancer, process);
      for (const file of files)
        await this.#uploadTls(amphora, routes.certificate(process.id, file.file), file);
      await this.#call(
        amphora,
        'PUT',
        routes.configuration(amphora.id, process.id),
        await this.#renderers.haproxy({ ...served, amphora, process }),
      );
      await this.#call(amphora, 'PUT', routes.action(process.id, 'reload'));
      const needed = new Set(files.map(({ file }) => file));
      const old = former.find((one) => one.id === process.id);
      for (const { file } of old ? tlsFiles(before, old) : []) {
        if (!needed.has(file)) await this.#call(amphora, 'DELETE', routes.certificate(process.id, file));
      }
    }
  }

  /** Starts all processes of a load balancer; running ones continue. */
  async startListeners(amphora: Amphora, loadBalancer: LoadBalancer): Promise<void> {
    const version = await this.#version(amphora);
    for (const { id } of processesOf(loadBalancer, version)) {
      await this.#call(amphora, 'PUT', haproxyRoutes(version).action(id, 'start'));
    }
    await this.#callAll(amphora, lvsStart(loadBalancer, version));
  }

  /** Id of the process that serves a load balancer, or a listener where each has its own. */
  async haproxy(amphora: Endpoint, id: string, action: 'start' | 'stop' | 'reload'): Promise<void> {
    await this.#call(amphora, 'PUT', haproxyRoutes(await this.#version(amphora)).action(id, action));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client[Symbol.asyncDispose]()));
  }

  async #callAll(amphora: Amphora, calls: readonly LvsCall[]): Promise<void> {
    for (const { method, path, body } of calls) await this.#call(amphora, method, path, body);
  }

  /** Uploads what is missing or different. */
  async #uploadTls(amphora: Amphora, path: string, tls: TlsFile): Promise<void> {
    const pem = 'content' in tls ? tls.content : await this.#readSecret(tls.reference);
    const md5sum = createHash('md5').update(pem).digest('hex');
    const there = await this.#call(amphora, 'GET', path).catch((error: unknown) => {
      if (error instanceof AgentRefused && error.status === 404) return {};
      throw error;
    });
    if ((there as { md5sum?: string }).md5sum !== md5sum) await this.#call(amphora, 'PUT', path, pem);
  }

  /** An agent that reports no limit is upstream's: it gets the wanted limit. */
  async #fitted(amphora: Endpoint, { settings }: ServedLoadBalancer): Promise<Settings> {
    const { headers } = await this.#client(amphora)
      .ask('GET', '/', undefined, this.#retry.active)
      .catch((error: unknown): Pick<AgentAnswer, 'headers'> => {
        if (error instanceof AgentRefused) return { headers: {} };
        throw error;
      });
    const openFiles = Number(headers[OPEN_FILES_HEADER] ?? Number.POSITIVE_INFINITY);
    return {
      ...settings,
      haproxy_maxconn: Math.min(settings.haproxy_maxconn, connectionsWithin(openFiles)),
    };
  }

  #version(amphora: Endpoint): Promise<ApiVersion> {
    const known = this.#versions.get(amphora.id);
    if (known) return known;
    const asked = this.#askVersion(amphora);
    this.#versions.set(amphora.id, asked);
    asked.catch(() => this.#versions.delete(amphora.id));
    return asked;
  }

  async #askVersion(amphora: Endpoint): Promise<ApiVersion> {
    if (this.#split) return '0.5';
    let body: unknown;
    try {
      body = await this.#client(amphora).call('GET', '/', undefined, this.#retry.active);
    } catch (error) {
      // The agent is older than this request (upstream's _populate_amphora_api_version).
      if (error instanceof AgentRefused && error.status === 404) return '0.5';
      throw error;
    }
    const { api_version: spoken } = body as { readonly api_version?: string };
    if (spoken === '0.5') return '0.5';
    if (spoken?.startsWith('1.')) return '1.0';
    throw new UnsupportedApiVersion(
      `The agent of amphora ${amphora.id} speaks version ${spoken} of its API; this driver knows 1.0 and 0.5.`,
    );
  }

  async #call(
    amphora: Endpoint,
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: string | object,
  ): Promise<unknown> {
    const version = await this.#version(amphora);
    return this.#client(amphora).call(method, `/${version}/${path}`, body, this.#retry.active);
  }

  #client(amphora: Endpoint): AgentClient {
    const known = this.#clients.get(amphora.id);
    if (known) return known;
    const client = new AgentClient(amphora, this.#credentials, this.#signal);
    this.#clients.set(amphora.id, client);
    return client;
  }
}
