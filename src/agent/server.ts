import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import findMyWay from 'find-my-way';
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
/** Beyond it a part of a path is unknown: a file's name cannot be longer (NAME_MAX). */
const MAX_NAME_LENGTH = 255;
/** How often requests that arrive too slowly are looked for. */
const SLOW_CHECK_MS = 1000;
/** Limit of a TLS handshake: an unfinished one must not block the agent. */
const HANDSHAKE_LIMIT_MS = 10_000;
/** A connection without a request is closed after this. */
const IDLE_LIMIT_MS = 72_000;

interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Handler = (call: Call) => Promise<Answer>;
type Handlers = Partial<Record<string, Handler>>;
type Routes = Readonly<Record<string, Handlers>>;

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
  const server = createServer({
    ...(await tls(await readFile(certificateFile))),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: HANDSHAKE_LIMIT_MS,
    // Node takes the smaller of both for the headers alone (lib/_http_server.js).
    headersTimeout: readLimitS * 1000,
    requestTimeout: readLimitS * 1000,
    keepAliveTimeout: IDLE_LIMIT_MS,
    connectionsCheckingInterval: SLOW_CHECK_MS,
  });
  server.on('clientError', refuseConnection);

  const replaceCertificate: Handler = async ({ body }) => {
    const renewed = await tls(body);
    try {
      createSecureContext(renewed);
    } catch (error) {
      return answer(400, 'Invalid certificate', (error as Error).message);
    }
    await replaceFile(certificateFile, body, 0o600);
    // Established connections keep their certificate; new ones get the new one.
    server.setSecureContext(renewed);
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
  // Paths alone are found here: what a path answers to a method that it has not is this server's own.
  const router = findMyWay({ maxParamLength: MAX_NAME_LENGTH });
  for (const [path, handlers] of Object.entries(routes)) router.on('GET', path, () => {}, handlers);
  server.on('request', async (request, response) => {
    const { url = '', method = '' } = request;
    const found = router.find('GET', url);
    const answered = found
      ? await respond(request, found.store as Handlers, found.params as Call['params'])
      : frameworkError(404);
    // Whom refuseConnection has answered, or who is gone.
    if (!answered) return;
    send(response, answered, method === 'HEAD');
    // Closed before it has sent all, a client would see a reset rather than the answer: what comes is thrown away.
    request.resume();
  });
  const { bind_host: host, bind_port: port } = configuration.haproxy_amphora;
  // Listening on all addresses by default, Node loads no resolver.
  server.listen(host === '::' ? { port } : { host, port });
  await once(server, 'listening');
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

/** Undefined where the request did not come whole. */
async function respond(
  request: IncomingMessage,
  there: Handlers,
  params: Call['params'],
): Promise<Answer | undefined> {
  const { method = '' } = request;
  const allow = [...Object.keys(there), ...(there.GET ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  // As the agent's web framework does by itself.
  if (method === 'OPTIONS') return { status: 200, body: '', headers: { allow } };
  // HEAD is answered as GET, without the body (RFC 9110, section 9.3.2).
  const handler = there[method === 'HEAD' ? 'GET' : method];
  if (!handler) return { ...frameworkError(405), headers: { allow } };
  try {
    const body = await bodyOf(request);
    return body ? await handler({ params, body }) : frameworkError(413);
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    if (request.destroyed && !request.complete) return undefined;
    process.stderr.write(`${method} ${request.url}: ${(error as Error).stack}\n`);
    return frameworkError(500, (error as Error).message);
  }
}

/** Undefined where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) return undefined;
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    length += piece.length;
    if (length > BODY_LIMIT_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function send(response: ServerResponse, { status, body, etag, headers = {} }: Answer, head: boolean): void {
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    ...(etag && { ETag: etag }),
    'Content-Type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(head ? '' : text);
}
