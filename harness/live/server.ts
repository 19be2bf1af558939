import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { InvalidLoadBalancer } from '../../src/domain/schema/invalid.ts';
import { UsageError } from '../usage-error.ts';
import { WrongWord } from '../vocabulary/word.ts';
import { PHASE_STYLES } from './page.ts';
import type { Fragments } from './view.ts';

/** What a browser sees: a lab as it is now, or a stored run at any instant. */
export interface Site {
  /** The whole page. @throws UsageError where there is no such run */
  page(run: number): Promise<string>;
  /** The page's parts now: asked again and again while somebody looks. */
  now?(): Promise<Fragments>;
  /** The page's parts at an instant of a stored run. @throws UsageError */
  at?(run: number, atMs: number): Promise<Fragments>;
  /** Does something in the lab; gives a sentence. @throws UsageError, WrongWord */
  act?(order: Order): Promise<string>;
  /** Writes what was done as a scenario; gives a sentence. @throws UsageError */
  save?(name: string): Promise<string>;
}

const order = z.object({
  part: z.enum(['fault', 'heal', 'change']),
  word: z.string(),
  given: z.array(z.unknown()),
});
/** A word of the vocabulary and what it is given: machines by their names. */
export type Order = z.output<typeof order>;

/** A page that is served. */
export interface Served extends AsyncDisposable {
  /** With the token: for one browser. */
  readonly url: string;
}

const HOST = '127.0.0.1';
const REFRESH_MS = 250;
/** The page loads what this server has, and nothing else. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves a page on a free port of 127.0.0.1. The address has a token that lets one browser in, once; that browser is
 * known by a cookie from then on.
 */
export async function serve(site: Site): Promise<Served> {
  const ending = new AbortController();
  const app = fastify({ forceCloseConnections: true });
  const door = new Door();
  const style = (await Promise.all(STYLES.map((file) => readFile(file, 'utf8')))).join('') + PHASE_STYLES;
  const script = await readFile(SCRIPT, 'utf8');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('content-security-policy', POLICY).header('cache-control', 'no-store');
    if (door.admits(request)) return;
    const session = request.method === 'GET' && request.url.startsWith('/?') && door.open(tokenOf(request));
    if (session) return reply.header('set-cookie', session).redirect('/', 303);
    return reply.code(403).type('text/plain').send(CLOSED);
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const told = TOLD.some((kind) => error instanceof kind);
    const sentence =
      error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : error.message;
    const argument = error instanceof WrongWord ? error.argument : undefined;
    reply
      .code(told ? 400 : (error.statusCode ?? 500))
      .send({ error: sentence, ...(argument !== undefined && { argument }) });
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send({ error: `There is no ${request.method} ${request.url}.` });
  });
  app.get('/', async (request, reply) =>
    reply.type('text/html; charset=utf-8').send(await site.page(numberOf(request, 'run', 0))),
  );
  app.get('/style.css', async (_, reply) => reply.type('text/css; charset=utf-8').send(style));
  app.get('/page.js', async (_, reply) => reply.type('text/javascript; charset=utf-8').send(script));
  // The methods of a class need their object.
  const [now, at, act, save] = [site.now, site.at, site.act, site.save].map((method) =>
    method?.bind(site),
  ) as [Site['now'], Site['at'], Site['act'], Site['save']];
  if (now) {
    app.get('/events', (_request, reply) => {
      reply.hijack();
      streamTo(reply.raw, now, ending.signal).catch(() => reply.raw.destroy());
    });
  }
  if (at) app.get('/at', async (request) => at(numberOf(request, 'run', 0), numberOf(request, 'ms', 0)));
  if (act) app.post('/act', async ({ body }) => ({ said: await act(order.parse(body)) }));
  if (save) {
    app.post('/save', async ({ body }) => ({
      said: await save(z.object({ name: z.string() }).parse(body).name),
    }));
  }
  await app.listen({ host: HOST, port: 0 });
  const { port } = app.server.address() as AddressInfo;
  door.host = `${HOST}:${port}`;
  return {
    url: `http://${door.host}/?token=${door.token}`,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await app.close();
    },
  };
}

/** Errors that say what is wrong with a request. */
const TOLD = [UsageError, WrongWord, InvalidLoadBalancer, z.ZodError];

const STYLES = ['../report/page/charts.css', '../report/page/style.css', './live.css'].map(
  (file) => new URL(file, import.meta.url),
);
const SCRIPT = new URL('./browser/page.js', import.meta.url);
const CLOSED =
  'This address lets one browser in, once. Take the address that the command printed, or start the command again.\n';

/** Lets one browser in, by a token, and knows it by a cookie. */
class Door {
  readonly token = randomBytes(24).toString('base64url');
  readonly #session = randomBytes(24).toString('base64url');
  #used = false;
  /** Known once the server listens. */
  host = '';

  /** The cookie for whom the token lets in; undefined where it is another one, or was used before. */
  open(token: string): string | undefined {
    if (this.#used || !same(token, this.token)) return undefined;
    this.#used = true;
    return `${this.#name}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Another page of this machine has the same site, and so the cookie goes with what it asks: its origin differs. */
  admits({ headers, method }: FastifyRequest): boolean {
    // A name that leads to 127.0.0.1 is not this server's (DNS rebinding).
    if (headers.host !== this.host) return false;
    if (method !== 'GET' && headers.origin !== `http://${this.host}`) return false;
    const cookies = (headers.cookie ?? '').split('; ');
    return cookies.some((cookie) => same(cookie, `${this.#name}=${this.#session}`));
  }

  /** Cookies do not tell ports apart (RFC 6265, section 8.5). */
  get #name(): string {
    return `amphora-testbed-${this.host.split(':')[1]}`;
  }
}

function same(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function tokenOf({ query }: FastifyRequest): string {
  return String((query as Readonly<Record<string, unknown>>).token ?? '');
}

/** @throws UsageError */
function numberOf({ query }: FastifyRequest, name: string, unset: number): number {
  const given = (query as Readonly<Record<string, unknown>>)[name];
  const value = given === undefined ? unset : Number(given);
  if (Number.isFinite(value) && given !== '' && value >= 0) return value;
  throw new UsageError(`${name} must be a number from 0 on; found "${given}".`);
}

/** Server-Sent Events: each has the parts of the page that have changed since the one before. */
async function streamTo(
  response: ServerResponse,
  now: NonNullable<Site['now']>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let sent: Fragments = {};
  response.on('error', () => {});
  // What the end has to say is sent too.
  for (let last = false; !response.closed && !last; ) {
    last = signal.aborted;
    const parts = await now();
    const changed = Object.entries(parts).filter(([id, text]) => sent[id] !== text);
    if (changed.length > 0) response.write(`data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`);
    sent = parts;
    await delay(REFRESH_MS, undefined, { signal }).catch(() => {});
  }
  response.end();
}
