import { promisify } from 'node:util';
import type Docker from 'dockerode';

/** Attempts for a request whose connection breaks. */
const ATTEMPTS_MAX = 3;
/** Node's system errors of an established connection that ends before the answer does. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** The connection to the engine broke during a request: whether the engine executed it is not known. */
export class EngineConnectionLost extends Error {
  override readonly name = 'EngineConnectionLost';
}

/** What a request of the engine's client looks like to docker-modem. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly hijack?: boolean;
  readonly file?: Buffer;
  readonly options?: Readonly<Record<string, unknown>>;
}
type Callback = (error: Error | null, answer?: unknown) => void;

/**
 * Makes an engine's client repeat a request whose connection broke, if repeating is safe: GET, remove, wait. For
 * other requests the error says that the connection broke. What is attached to gets nothing of the request itself.
 */
export function patient(docker: Docker): Docker {
  const modem = docker.modem as { dial(request: Request, callback: Callback): void };
  const dial = modem.dial.bind(modem);
  const attempt = (request: Request, callback: Callback, left: number) => {
    dial(inQuery(request), (error, answer) => {
      if (error && left > 1 && isBroken(error) && mayRepeat(request)) attempt(request, callback, left - 1);
      else callback(error && asLost(error), answer);
    });
  };
  modem.dial = (request, callback) => attempt(request, callback, ATTEMPTS_MAX);
  return docker;
}

/**
 * docker-modem sends the parameters of a query as a body too. Where the connection becomes a container's streams, Docker
 * drops it, and Podman gives it to the container's standard input.
 */
function inQuery(request: Request): Request {
  const { path, options, hijack } = request;
  if (!hijack || !path.endsWith('?')) return { ...request };
  return {
    ...request,
    options: { _query: options, _body: {} },
    // Without a body docker-modem holds such a request back; an empty one lets it go.
    file: Buffer.alloc(0),
  };
}

/**
 * Asks an engine what its client has no method for.
 *
 * @throws EngineConnectionLost, or the engine's error with its `statusCode`
 */
export async function ask(
  docker: Docker,
  request: Omit<Parameters<Docker['modem']['dial']>[0], 'statusCodes'>,
): Promise<unknown> {
  return promisify(docker.modem.dial.bind(docker.modem))({
    ...request,
    statusCodes: { 200: true, 201: true, 404: 'no such container', 500: 'server error' },
  });
}

/** The same error, or, where a connection broke, one that says so. */
export function asLost(error: Error): Error {
  return isBroken(error)
    ? new EngineConnectionLost(`its connection broke: ${error.message}`, { cause: error })
    : error;
}

function isBroken(error: Error): boolean {
  return BROKEN.has((error as NodeJS.ErrnoException).code ?? '');
}

function mayRepeat({ method, path }: Request): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'DELETE' || /\/wait\b/.test(path);
}
