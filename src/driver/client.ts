import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { createSecureContext } from 'node:tls';
import pRetry, { AbortError } from 'p-retry';
import type { ClientCredentials, Endpoint } from './endpoint.ts';
import { HandshakeRefused, refusalOf } from './handshake.ts';

/** How long requests to an agent are repeated before it counts as unreachable (octavia.conf, [haproxy_amphora]). */
export interface RetryPolicy {
  readonly attempts: number;
  readonly intervalMs: number;
}

/** Upstream's: a booting amphora has ten minutes, one that serves half a minute. */
export const RETRY: Readonly<Record<'boot' | 'active' | 'failover', RetryPolicy>> = {
  boot: { attempts: 120, intervalMs: 5000 },
  active: { attempts: 15, intervalMs: 2000 },
  failover: { attempts: 2, intervalMs: 5000 },
};

const CONNECT_LIMIT_MS = 10_000;
const READ_LIMIT_MS = 60_000;

/** The agent could not be reached, in spite of repetitions. */
export class AmphoraUnreachable extends Error {
  override readonly name = 'AmphoraUnreachable';
}

/** The agent refused the request, or failed. */
export class AgentRefused extends Error {
  override readonly name = 'AgentRefused';
  readonly status: number;
  readonly body: unknown;

  constructor(call: string, status: number, body: unknown) {
    super(`${call} was answered with ${status}: ${typeof body === 'string' ? body : JSON.stringify(body)}`);
    this.status = status;
    this.body = body;
  }
}

export interface AgentAnswer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly content: unknown;
}

/** A connection to one agent: TLS on both sides, and patience while it boots. */
export class AgentClient implements AsyncDisposable {
  readonly #endpoint: Endpoint;
  readonly #credentials: ClientCredentials;
  readonly #agent: Agent;
  readonly #signal: AbortSignal | undefined;

  /** @param signal ends the repetitions */
  constructor(endpoint: Endpoint, credentials: ClientCredentials, signal?: AbortSignal) {
    this.#endpoint = endpoint;
    this.#credentials = credentials;
    this.#signal = signal;
    this.#agent = new Agent({
      keepAlive: true,
      // Made once: while an agent boots, one connection after another is tried.
      ...{ secureContext: createSecureContext(credentials), servername: endpoint.id },
    });
  }

  /**
   * Sends a request; asks again while the agent cannot be reached or is not ready.
   *
   * @returns the headers, and the body: parsed where it is JSON, else text
   * @throws AmphoraUnreachable
   * @throws AgentRefused
   * @throws HandshakeRefused, at once: certificates that do not fit never will
   * @throws the signal's reason, once it has fired
   */
  async ask(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body: string | object | undefined,
    retry: RetryPolicy,
  ): Promise<AgentAnswer> {
    const name = `${method} ${path} at amphora ${this.#endpoint.id}`;
    return pRetry(
      async () => {
        const answer = await this.#send(name, method, path, body);
        const isJson = String(answer.headers['content-type']).includes('json');
        const written = await text(answer);
        const content: unknown = isJson ? JSON.parse(written) : written;
        const { statusCode = 0 } = answer;
        if (statusCode < 400) return { headers: answer.headers, content };
        const refused = new AgentRefused(name, statusCode, content);
        throw notReady(statusCode, isJson, content) ? refused : new AbortError(refused);
      },
      {
        retries: retry.attempts - 1,
        minTimeout: retry.intervalMs,
        factor: 1,
        ...(this.#signal && { signal: this.#signal }),
      },
    ).catch((cause: unknown) => {
      if (cause instanceof AgentRefused || cause instanceof HandshakeRefused) throw cause;
      this.#signal?.throwIfAborted();
      throw new AmphoraUnreachable(
        `${name} failed after ${retry.attempts} attempts: ${(cause as Error).message}`,
        { cause },
      );
    });
  }

  /** As {@link ask}, for the body alone. */
  async call(...request: Parameters<AgentClient['ask']>): Promise<unknown> {
    return (await this.ask(...request)).content;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }

  /**
   * Sends a request once, and resolves when its answer begins.
   *
   * @throws AbortError for a refused handshake
   */
  async #send(
    name: string,
    method: string,
    path: string,
    body: string | object | undefined,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    let shaken = false;
    const type = typeof body === 'object' ? 'application/json' : 'text/plain';
    const sent = request(`${this.#endpoint.agent_url}${path}`, {
      ...{ agent: this.#agent, method, timeout: CONNECT_LIMIT_MS },
      ...(body !== undefined && { headers: { 'content-type': type } }),
    });
    sent.once('socket', (socket) => {
      const isReady = () => {
        shaken = true;
        sent.setTimeout(READ_LIMIT_MS);
      };
      if (sent.reusedSocket) isReady();
      else socket.once('secureConnect', isReady);
    });
    sent.on('timeout', () => sent.destroy(new Error(shaken ? 'no answer in time' : 'no connection in time')));
    sent.on('response', resolve).on('error', reject);
    sent.end(typeof body === 'object' ? JSON.stringify(body) : body);
    try {
      return await promise;
    } catch (cause) {
      // A connection that has served a call was not refused.
      if (sent.reusedSocket) throw cause;
      const refusal = await refusalOf(cause, shaken, this.#endpoint, this.#credentials);
      if (!refusal) throw cause;
      throw new AbortError(new HandshakeRefused(`${name}: ${refusal.trim()}`, { cause }));
    }
  }
}

/** A 404 that is not the agent's own, or a NIC that has not appeared yet, means: later (octavia/…/rest_api_driver.py). */
function notReady(status: number, isJson: boolean, content: unknown): boolean {
  if (status !== 404) return false;
  return !isJson || (content as { details?: unknown }).details === 'No suitable network interface found';
}
