import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { AlreadyThere, type Controller, Immutable } from '../controller/controller.ts';
import { NotFound } from '../domain/objects.ts';
import { Conflict, InvalidLoadBalancer, UnknownReference, Unsupported } from '../domain/schema/invalid.ts';
import type { SecretReader } from '../driver/secret.ts';
import { NoAuthority } from '../flows/certificates.ts';
import { Statistics } from '../health/statistics.ts';
import { amphorae } from './amphorae.ts';
import type { Call, Method, Query, Route } from './call.ts';
import { cloud } from './cloud.ts';
import { loadBalancers } from './load-balancers.ts';
import { NotImplemented } from './not-implemented.ts';
import { objects } from './objects.ts';
import { QuotaMet, Quotas } from './quotas.ts';
import type { StatisticsSource } from './statistics.ts';
import { tlsCheck } from './tls-references.ts';
import { versionDocument } from './versions.ts';

/** Both are the same (octavia/api/root_controller.py). */
const PREFIXES = ['/v2', '/v2.0'];

const ALL_METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];

/**
 * Octavia's API v2 under /v2 and /v2.0. Every client that reaches it may use it: there is no Keystone. Changes are answered
 * when they have been accepted; their flows run on, and the statuses tell how they ended.
 *
 * @param statistics what heartbeats tell; without, all counters are zero
 * @param readSecret reads TLS material for amphorae; without it, references are checked when they are served
 */
export function octaviaApi(
  controller: Controller,
  {
    statistics = new Statistics(),
    readSecret,
  }: { readonly statistics?: StatisticsSource; readonly readSecret?: SecretReader } = {},
): FastifyInstance {
  const app = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  app.setErrorHandler((error: Error, _request, reply) => {
    reply.code(statusOf(error)).send(fault(statusOf(error), error.message));
  });
  app.setNotFoundHandler((request, reply) => {
    reply.code(404).send(fault(404, `There is no ${request.method} ${request.url}.`));
  });
  readBodies(app);
  answerPreflights(app);
  const allowed = methodsOf(app);
  app.get('/', async (request) => versionDocument(originOf(request)));
  for (const prefix of PREFIXES) {
    // As upstream: a version's own document is no more than its name.
    for (const path of ['', '/lbaas', '/octavia'])
      app.get(`${prefix}${path}`, async (_, reply) => reply.send('"v2"'));
  }
  const route = routeOn(app);
  const quotas = new Quotas(controller);
  const checkTls = readSecret ? tlsCheck(readSecret) : async () => {};
  loadBalancers(controller, route, { quotas, statistics, checkTls });
  objects({ controller, route, quotas, statistics, checkTls });
  amphorae(controller, route, statistics);
  cloud(controller, route);
  quotas.serve(route);
  refuseOtherMethods(app, allowed);
  return app;
}

/**
 * Upstream's CORS middleware (oslo_middleware/cors.py) answers OPTIONS before any path is looked at, and names no
 * origin as long as none is configured: a browser may not ask. Only `/` answers by itself.
 */
function answerPreflights(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ method, url }, reply) => {
    if (method === 'OPTIONS' && url !== '/') return reply.send('');
  });
  app.options('/', async (request) => versionDocument(originOf(request)));
}

/** Collects what is routed from now on: the methods of each path. */
function methodsOf(app: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const allowed = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = allowed.get(url) ?? new Set();
    allowed.set(url, methods);
    for (const one of [method].flat()) methods.add(one);
  });
  return allowed;
}

function refuseOtherMethods(app: FastifyInstance, allowed: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, methods] of [...allowed]) {
    const allow = [...methods].sort().join(', ');
    const method = ALL_METHODS.filter((one) => !methods.has(one));
    app.route({
      url,
      method,
      handler: async (request, reply) =>
        reply
          .code(405)
          .header('allow', allow)
          .send(fault(405, `${request.url} has no ${request.method}; it has ${allow}.`)),
    });
  }
}

/** Bodies are JSON, whatever a client calls them, and may be empty. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    const text = String(body).trim();
    try {
      done(null, text === '' ? undefined : JSON.parse(text));
    } catch (cause) {
      done(new InvalidLoadBalancer(`the body must be JSON; ${(cause as Error).message}`, { cause }));
    }
  });
}

function routeOn(app: FastifyInstance): Route {
  return (method: Method, path: string, status: number, answer: (call: Call) => unknown) => {
    for (const prefix of PREFIXES) {
      app.route({
        method,
        url: `${prefix}/${path}`,
        handler: async (request, reply) => reply.code(status).send(await answer(callOf(request))),
      });
    }
  };
}

function callOf(request: FastifyRequest): Call {
  const project = request.headers['x-project-id'];
  return {
    params: request.params as Call['params'],
    query: request.query as Query,
    body: request.body,
    url: `${originOf(request)}${request.url.replace(/\?.*/, '')}`,
    projectId: typeof project === 'string' && project !== '' ? project : undefined,
  };
}

function originOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`;
}

function statusOf(error: Error & { readonly statusCode?: number }): number {
  if (error instanceof Conflict || error instanceof Immutable || error instanceof AlreadyThere) return 409;
  if (error instanceof UnknownReference || error instanceof NotFound) return 404;
  if (error instanceof Unsupported || error instanceof NotImplemented || error instanceof NoAuthority) {
    return 501;
  }
  if (error instanceof InvalidLoadBalancer) return 400;
  if (error instanceof QuotaMet) return 403;
  return error.statusCode ?? 500;
}

/** An error as WSME puts it (wsme/api.py). */
function fault(status: number, faultstring: string): Readonly<Record<string, unknown>> {
  return { faultcode: status < 500 ? 'Client' : 'Server', faultstring, debuginfo: null };
}
