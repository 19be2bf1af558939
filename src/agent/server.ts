import { readFile } from 'node:fs/promises';
import { STATUS_CODES } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Answer, answer, frameworkError, Refused } from './answer.ts';
import { certificateDigest, deleteCertificate, putCertificate } from './certificates.ts';
import { type AgentConfiguration, replaceConfiguration } from './configuration.ts';
import { details, info } from './details.ts';
import { replaceFile } from './files.ts';
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
import { actOnLvs, deleteLvs, readLvs, servedByLvs, uploadLvs } from './lvs.ts';
import { machineFacts } from './machine-facts.ts';
import type { Topology } from './plugged-interface.ts';

/** haproxy.cfg of a large load balancer. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
/** How often requests that arrive too slowly are looked for. */
const SLOW_CHECK_MS = 1000;
/** Limit of a TLS handshake: an unfinished one must not block the agent. */
const HANDSHAKE_LIMIT_MS = 10_000;
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const;

/** Beyond it a part of a path is unknown: a file's name cannot be longer (NAME_MAX). */
const MAX_NAME_LENGTH = 255;

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
  const {
    agent_server_cert: certificateFile,
    agent_server_ca: caFile,
    agent_tls_protocol: minVersion,
    agent_request_read_timeout: readLimitS,
  } = configuration.amphora_agent;
  const tls = async (pem: Buffer) => ({ cert: pem, key: pem, ca: await readFile(caFile), minVersion });
  const app = fastify({
    https: {
      ...(await tls(await readFile(certificateFile))),
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_LIMIT_MS,
      // Node takes the smaller of both for the headers alone (lib/_http_server.js).
      headersTimeout: readLimitS * 1000,
      connectionsCheckingInterval: SLOW_CHECK_MS,
    },
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: readLimitS * 1000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_NAME_LENGTH },
    // A path that cannot be decoded names nothing.
    frameworkErrors: (_error, _request, reply) => {
      send(reply, frameworkError(404));
    },
    clientErrorHandler: refuseConnection,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  const replaceCertificate: Handler = async ({ body }) => {
    const renewed = await tls(body);
    try {
      createSecureContext(renewed);
    } catch (error) {
      return answer(400, 'Invalid certificate', (error as Error).message);
    }
    await replaceFile(certificateFile, body, 0o600);
    // Established connections keep their certificate; new ones get the new one.
    (app.server as unknown as Server).setSecureContext(renewed);
    return answer(202, 'OK');
  };
  const { loadbalancer_topology: topology } = configuration.controller_worker;
  const shared = common(replaceCertificate, topology);
  const routes: Routes = {
    '/': {
      GET: async () => ({ status: 200, body: { api_version: '1.0' }, headers: await machineFacts() }),
    },
    ...under('/1.0', { ...shared, ...served('loadbalancer', 'Loadbalancer') }),
    ...under('/0.5', { ...shared, ...served('listeners', 'Listener') }),
  };
  for (const [url, handlers] of Object.entries(routes)) {
    const headers = {
      allow: [...Object.keys(handlers), ...(handlers.GET ? ['HEAD'] : []), 'OPTIONS'].join(', '),
    };
    // As the agent's web framework does by itself.
    const all = { ...handlers, OPTIONS: async () => ({ status: 200, body: '', headers }) };
    for (const method of METHODS) {
      // HEAD is answered as GET, without the body (RFC 9110, section 9.3.2).
      const asked = method === 'HEAD' ? 'GET' : method;
      const handler = all[asked as keyof typeof all] ?? (async () => ({ ...frameworkError(405), headers }));
      app.route({
        method,
        url,
        exposeHeadRoute: false,
        handler: (request, reply) => respond(request, reply, handler),
      });
    }
  }
  app.setNotFoundHandler((_request, reply) => send(reply, frameworkError(404)));
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if (error.statusCode === 413) {
      // Closed before it has sent all, a client would see a reset rather than the answer: Node reads the rest
      // and throws it away, for as long as a request may take.
      reply.removeHeader('connection');
      return send(reply, frameworkError(413));
    }
    if (error.statusCode !== undefined && error.statusCode < 500)
      return send(reply, frameworkError(400, error.message));
    return send(reply, frameworkError(500, error.message));
  });
  const { bind_host: host, bind_port: port } = configuration.haproxy_amphora;
  await app.listen({ host, port });
}

/** Input that never became a request: it came too slowly, or is no HTTP. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  // Without HTTP there is no answer: an unfinished handshake would stay for ever.
  if (!/^(HPE_|ERR_HTTP_)/.test(error.code ?? '') || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? frameworkError(408) : frameworkError(400, error.message);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

function under(prefix: string, routes: Routes): Routes {
  return Object.fromEntries(Object.entries(routes).map(([url, handlers]) => [`${prefix}${url}`, handlers]));
}

function common(replaceCertificate: Handler, topology: Topology): Routes {
  return {
    '/info': { GET: info },
    '/details': { GET: details },
    '/listeners': { GET: listeners },
    '/listeners/:id': {
      DELETE: ({ params }) => {
        const id = named(params, 'id');
        return servedByLvs(id) ? deleteLvs(id) : deleteHaproxy(id);
      },
    },
    '/listeners/:amphora/:id/udp_listener': {
      PUT: ({ params, body }) => {
        named(params, 'amphora');
        return uploadLvs(named(params, 'id'), body, topology);
      },
    },
    '/listeners/:id/udp_listener': { GET: ({ params }) => readLvs(named(params, 'id')) },
    '/plug/vip/:vip': {
      POST: ({ params, body }) => plugVip(segment(params, 'vip'), parsed(body), topology),
    },
    '/plug/network': { POST: ({ body }) => plugNetwork(parsed(body)) },
    '/certificate': { PUT: replaceCertificate },
    '/vrrp/upload': { PUT: ({ body }) => uploadKeepalived(body) },
    '/vrrp/:action': { PUT: ({ params }) => actOnKeepalived(segment(params, 'action')) },
    '/interface/:ip': { GET: ({ params }) => interfaceOf(segment(params, 'ip')) },
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
      PUT: ({ params }) => {
        const id = named(params, 'id');
        const action = segment(params, 'action');
        return servedByLvs(id) ? actOnLvs(id, action) : actOnHaproxy(id, action, kind);
      },
    },
    [`/${collection}/:id/certificates/:file`]: {
      PUT: ({ params, body }) => putCertificate(named(params, 'id'), named(params, 'file'), body),
      GET: ({ params }) => certificateDigest(named(params, 'id'), named(params, 'file')),
      DELETE: ({ params }) => deleteCertificate(named(params, 'id'), named(params, 'file')),
    },
  };
}

/** Ids and names become paths and names of units: anything but a plain word is unknown here. */
function named(params: Call['params'], name: string): string {
  const value = segment(params, name);
  if (!/^[\w:-][\w.:-]*$/.test(value)) throw notFound();
  return value;
}

/** A part of the path that is only compared or parsed; decoded, it must be one part still. */
function segment(params: Call['params'], name: string): string {
  const value = params[name] ?? '';
  if (value === '' || value.includes('/')) throw notFound();
  return value;
}

function notFound(): Refused {
  return new Refused(404, frameworkError(404).body as Record<string, unknown>);
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

function send(reply: FastifyReply, { status, body, etag, headers = {} }: Answer): FastifyReply {
  reply.headers({ ...headers, ...(etag && { ETag: etag }) });
  reply.code(status);
  if (typeof body === 'string') return reply.type('text/plain; charset=utf-8').send(body);
  return reply.type('application/json').send(JSON.stringify(body));
}
