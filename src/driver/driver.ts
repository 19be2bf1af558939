import type { Amphora } from '../domain/amphora.ts';
import type { Vip } from '../domain/vip.ts';
import { AgentClient, type ClientCredentials, RETRY, type RetryPolicy } from './client.ts';

/** What the controller lets agents do, over API 1.0 (octavia/amphorae/drivers/haproxy/rest_api_driver.py). */
export class AmphoraDriver implements AsyncDisposable {
  readonly #credentials: ClientCredentials;
  readonly #retry: Readonly<Record<keyof typeof RETRY, RetryPolicy>>;
  readonly #clients = new Map<string, AgentClient>();

  constructor(
    credentials: ClientCredentials,
    retry: Readonly<Record<keyof typeof RETRY, RetryPolicy>> = RETRY,
  ) {
    this.#credentials = credentials;
    this.#retry = retry;
  }

  /** Resolves when the agent of a booting amphora answers. */
  async waitForAgent(amphora: Amphora): Promise<void> {
    await this.#client(amphora).call('GET', '/1.0/info', undefined, this.#retry.boot);
  }

  async info(
    amphora: Amphora,
  ): Promise<{ readonly haproxy_version: string; readonly keepalived_version: string }> {
    const body = await this.#call(amphora, 'GET', 'info');
    return body as { haproxy_version: string; keepalived_version: string };
  }

  async plugVip(amphora: Amphora, vip: Vip, port: { macAddress: string; mtu: number }): Promise<void> {
    await this.#call(amphora, 'POST', `plug/vip/${vip.ip_address}`, {
      subnet_cidr: vip.subnet_cidr,
      gateway: vip.gateway_ip,
      mac_address: port.macAddress,
      mtu: port.mtu,
      vrrp_ip: amphora.vrrp_ip,
      host_routes: vip.host_routes,
    });
  }

  /** The interface that holds an address. */
  async interfaceOf(amphora: Amphora, ip: string): Promise<string> {
    const body = await this.#call(amphora, 'GET', `interface/${ip}`);
    return (body as { interface: string }).interface;
  }

  async uploadKeepalived(amphora: Amphora, configuration: string): Promise<void> {
    await this.#call(amphora, 'PUT', 'vrrp/upload', configuration);
  }

  async vrrp(amphora: Amphora, action: 'start' | 'stop' | 'reload'): Promise<void> {
    await this.#call(amphora, 'PUT', `vrrp/${action}`);
  }

  async uploadHaproxy(amphora: Amphora, id: string, configuration: string): Promise<void> {
    await this.#call(amphora, 'PUT', `loadbalancer/${amphora.id}/${id}/haproxy`, configuration);
  }

  async haproxy(amphora: Amphora, id: string, action: 'start' | 'stop' | 'reload'): Promise<void> {
    await this.#call(amphora, 'PUT', `loadbalancer/${id}/${action}`);
  }

  async uploadCertificate(amphora: Amphora, id: string, file: string, pem: string): Promise<void> {
    await this.#call(amphora, 'PUT', `loadbalancer/${id}/certificates/${file}`, pem);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client[Symbol.asyncDispose]()));
  }

  #call(
    amphora: Amphora,
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: string | object,
  ): Promise<unknown> {
    return this.#client(amphora).call(method, `/1.0/${path}`, body, this.#retry.active);
  }

  #client(amphora: Amphora): AgentClient {
    const known = this.#clients.get(amphora.id);
    if (known) return known;
    const client = new AgentClient(amphora, this.#credentials);
    this.#clients.set(amphora.id, client);
    return client;
  }
}
