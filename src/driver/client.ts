import { createSecureContext } from 'node:tls';
import pRetry, { AbortError } from 'p-retry';
import { Agent, buildConnector } from 'undici';
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
  /** Why connections failed before the handshake was over on this side. */
  readonly #unshaken = new WeakSet<object>();

  /** @param signal ends the repetitions */
  constructor(endpoint: Endpoint, credentials: ClientCredentials, signal?: AbortSignal) {
    this.#endpoint = endpoint;
    this.#credentials = credentials;
    this.#signal = signal;
    const connect = buildConnector({
      // Made once: while an agent boots, one connection after another is tried.
      ...{ secureContext: createSecureContext(credentials), servername: endpoint.id },
      timeout: CONNECT_LIMIT_MS,
    });
    this.#agent = new Agent({
      connect: (options, callback) =>
        connect(options, (...[error, socket]) => {
          if (error) {
            this.#unshaken.add(error);
            callback(error, null);
          } else callback(null, socket);
        }),
      headersTimeout: READ_LIMIT_MS,
      bodyTimeout: READ_LIMIT_MS,
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
    const json = typeof body === 'object';
    return pRetry(
      async () => {
        const url = new URL(`${this.#endpoint.agent_url}${path}`);
        const answer = await this.#agent
          .request({
            ...{ method, origin: url.origin, path: `${url.pathname}${url.search}` },
            ...(body !== undefined && {
              body: json ? JSON.stringify(body) : body,
              headers: { 'content-type': json ? 'application/json' : 'text/plain' },
            }),
          })
          .catch(async (cause: unknown) => {
            const isShaken = !this.#unshaken.has(cause as object);
            const refusal = await refusalOf(cause, isShaken, this.#endpoint, this.#credentials);
            if (!refusal) throw cause;
            throw new AbortError(new HandshakeRefused(`${name}: ${refusal.trim()}`, { cause }));
          });
        const isJson = String(answer.headers['content-type']).includes('json');
        const content: unknown = isJson ? await answer.body.json() : await answer.body.text();
        if (answer.statusCode < 400) return { headers: answer.headers, content };
        const refused = new AgentRefused(name, answer.statusCode, content);
        throw notReady(answer.statusCode, isJson, content) ? refused : new AbortError(refused);
      },
      {
        retries: retry.attempts - 1,
        minTimeout: retry.intervalMs,
        factor: 1,
        ...(this.#signal && { signal: this.#signal }),
        // undici and Node report a refused or cut connection as TypeErrors too.
        shouldRetry: () => true,
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
    await this.#agent.destroy();
  }
}

/** A 404 that is not the agent's own, or a NIC that has not appeared yet, means: later (octavia/…/rest_api_driver.py). */
function notReady(status: number, isJson: boolean, content: unknown): boolean {
  if (status !== 404) return false;
  return !isJson || (content as { details?: unknown }).details === 'No suitable network interface found';
}
