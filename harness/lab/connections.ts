import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Lab } from './lab.ts';

const OPEN_LIMIT_MS = 5000;
/** A connection that does not answer a request within this is cut; the harness, which asks, may wait for its turn. */
const ANSWER_LIMIT_MS = 5000;

/** Connections to the VIP that stay open. */
export interface Connections extends AsyncDisposable {
  readonly count: number;
  /** How many have ended, or stopped answering, since they were opened. */
  readonly cut: number;
  /** Sends a request over each that is left, and resolves when each has answered or counts as cut. */
  asked(): Promise<void>;
}

/**
 * Opens connections to a port of the VIP from the client's namespace; each has had a request answered, unless
 * `idle` ones are asked for.
 */
export async function openConnections(
  lab: Lab,
  { count, port, idle = false }: { readonly count: number; readonly port: number; readonly idle?: boolean },
): Promise<Connections> {
  await using stack = new AsyncDisposableStack();
  const forward = stack.use(await lab.forwardVip(port));
  const open = new Set<Socket>();
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ host: '127.0.0.1', port: forward.port, noDelay: true });
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    open.add(socket);
    return socket;
  });
  stack.defer(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(
    sockets.map((socket) => once(socket, 'connect', { signal: AbortSignal.timeout(OPEN_LIMIT_MS) })),
  );
  const connections: Connections = {
    count,
    get cut() {
      return count - open.size;
    },
    asked: async () => {
      await Promise.all([...open].map((socket) => ask(socket).catch(() => open.delete(socket))));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
  if (!idle) await connections.asked();
  const kept = stack.move();
  return connections;
}

async function ask(socket: Socket): Promise<void> {
  const answered = once(socket, 'data', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  socket.write('GET / HTTP/1.1\r\nHost: vip\r\n\r\n');
  await answered;
}
