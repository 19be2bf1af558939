import { readFile, writeFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import fastify, { type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify';
import { type Answer, answer, frameworkError, Refused } from './answer.ts';
import { certificateDigest, deleteCertificate, putCertificate } from './certificates.ts';
import { type AgentConfiguration, replaceConfiguration } from './configuration.ts';
import { details, info } from './details.ts';
import {
  actOnHaproxy,
  deleteHaproxy,
  listeners,
  readHaproxy,
  type Served,
  uploadHaproxy,
} from './haproxy.ts';
import { interfaceOf, plugNetwork, plugVip } from './interfaces.ts';
import { actOnKeepalived, uploadKeepalived } from './keepalived.ts';

/** haproxy.cfg of a large load balancer. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Handler = (call: Call) => Promise<Answer>;
type Routes = Readonly<Record<string, Partial<Record<'GET' | 'PUT' | 'POST' | 'DELETE', Handler>>>>;

/**
 * The agent's REST API (octavia/amphorae/backends/agent/api_server/server.py) over TLS; a client without a
 * certificate of the controller's authority gets no further than the handshake.
 */
export async function serve(configuration: AgentConfiguration): Promise<void> {
  const { agent_server_cert: certificateFile, agent_server_ca: caFile } = configuration.amphora_agent;
  const tls = async () => {
    const [pem, ca] = await Promise.all([readFile(certificateFile), readFile(caFile)]);
    return { cert: pem, key: pem, ca };
  };
  const app = fastify({
    https: { ...(await tls()), requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const replaceCertificate: Handler = async ({ body }) => {
    await writeFile(certificateFile, body, { mode: 0o600 });
    (app.server as unknown as Server).setSecureContext(await tls());
    return answer(202, 'OK');
  };
  const routes: Routes = {
    '/': { GET: async () => ({ status: 200, body: { api_version: '1.0' } }) },
    ...under('/1.0', { ...common(replaceCertificate), ...served('loadbalancer', 'Loadbalancer') }),
    ...under('/0.5', { ...common(replaceCertificate), ...served('listeners', 'Listener') }),
  };
  for (const [url, handlers] of Object.entries(routes)) {
    const methods = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'] as const;
    for (const method of methods) {
      const handler = method === 'PATCH' ? undefined : handlers[method];
      app.route({
        method: method as HTTPMethods,
        url,
        exposeHeadRoute: false,
        handler: (request, reply) => respond(request, reply, handler ?? (async () => frameworkError(405))),
      });
    }
  }
  app.setNotFoundHandler((_request, reply) => send(reply, frameworkError(404)));
  app.setErrorHandler((error: Error, _request, reply) => send(reply, frameworkError(500, error.message)));
  const { bind_host: host, bind_port: port } = configuration.haproxy_amphora;
  await app.listen({ host, port });
}

function under(prefix: string, routes: Routes): Routes {
  return Object.fromEntries(Object.entries(routes).map(([url, handlers]) => [`${prefix}${url}`, handlers]));
}

function common(replaceCertificate: Handler): Routes {
  return {
    '/info': { GET: info },
    '/details': { GET: details },
    '/listeners': { GET: listeners },
    '/listeners/:id': { DELETE: ({ params }) => deleteHaproxy(named(params, 'id')) },
    '/plug/vip/*': {
      POST: ({ params, body }) => plugVip(named(params, '*'), parsed(body)),
    },
    '/plug/network': { POST: ({ body }) => plugNetwork(parsed(body)) },
    '/certificate': { PUT: replaceCertificate },
    '/vrrp/upload': { PUT: ({ body }) => uploadKeepalived(body) },
    '/vrrp/:action': { PUT: ({ params }) => actOnKeepalived(named(params, 'action')) },
    '/interface/:ip': { GET: ({ params }) => interfaceOf(named(params, 'ip')) },
    '/config': {
      PUT: async ({ body }) => {
        try {
          await replaceConfiguration(body.toString());
        } catch (error) {
          return answer(500, 'Unable to update amphora-agent configuration.', String(error));
        }
        return answer(202, 'OK');
      },
    },
  };
}

/** API 1.0 serves load balancers, 0.5 listeners; all else is the same. */
function served(collection: string, kind: Served): Routes {
  return {
    [`/${collection}/:amphora/:id/haproxy`]: {
      PUT: ({ params, body }) => uploadHaproxy(named(params, 'id'), named(params, 'amphora'), body),
    },
    [`/${collection}/:id/haproxy`]: { GET: ({ params }) => readHaproxy(named(params, 'id'), kind) },
    [`/${collection}/:id/:action`]: {
      PUT: ({ params }) => actOnHaproxy(named(params, 'id'), named(params, 'action'), kind),
    },
    [`/${collection}/:id/certificates/:file`]: {
      PUT: ({ params, body }) => putCertificate(named(params, 'id'), named(params, 'file'), body),
      GET: ({ params }) => certificateDigest(named(params, 'id'), named(params, 'file')),
      DELETE: ({ params }) => deleteCertificate(named(params, 'id'), named(params, 'file')),
    },
  };
}

/** Ids and names become paths: anything else than a plain word is unknown here. */
function named(params: Call['params'], name: string): string {
  const value = params[name] ?? '';
  if (name !== '*' && !/^[\w.:%-]+$/.test(value))
    throw new Refused(404, frameworkError(404).body as Record<string, unknown>);
  if (value === '.' || value === '..')
    throw new Refused(404, frameworkError(404).body as Record<string, unknown>);
  return value;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

async function respond(
  request: FastifyRequest,
  reply: FastifyReply,
  handler: Handler,
): Promise<FastifyReply> {
  try {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return send(reply, await handler({ params: request.params as Call['params'], body }));
  } catch (error) {
    if (error instanceof Refused) return send(reply, error.answer);
    request.log.error(error);
    process.stderr.write(`${request.method} ${request.url}: ${(error as Error).stack}\n`);
    return send(reply, frameworkError(500, (error as Error).message));
  }
}

function send(reply: FastifyReply, { status, body, etag }: Answer): FastifyReply {
  if (etag) reply.header('ETag', etag);
  reply.code(status);
  if (typeof body === 'string') return reply.type('text/plain; charset=utf-8').send(body);
  return reply.type('application/json').send(JSON.stringify(body));
}
