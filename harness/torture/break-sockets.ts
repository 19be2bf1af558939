/**
 * Loaded before a tortured command's processes (NODE_OPTIONS, `--import`): breaks connections that they open to
 * an address, each after a while of its own.
 */
import { Socket, type SocketConnectOpts } from 'node:net';
import { chance } from './random.ts';

export const BREAK_VARIABLE = 'AMPHORA_TESTBED_BREAK';
const STALL_MS = 2000;

/** What is broken, and how. */
export interface Break {
  readonly how: 'reset' | 'half-closed' | 'stalled';
  /** Part of the address. */
  readonly address: string;
  /** Each connection that lives so long, or shorter. */
  readonly withinMs: number;
  /** In each process. */
  readonly most: number;
  readonly seed: number;
}

const given = process.env[BREAK_VARIABLE];
if (given) breakSockets(JSON.parse(given) as Break);

function breakSockets({ how, address, withinMs, most, seed }: Break): void {
  const connect = Socket.prototype.connect;
  let opened = 0;
  let broken = 0;
  const strike = (socket: Socket) => {
    if (socket.destroyed || broken >= most) return;
    broken++;
    if (how === 'reset') socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    if (how === 'half-closed') socket.end();
    if (how === 'stalled') {
      socket.pause().cork();
      setTimeout(() => {
        socket.uncork();
        socket.resume();
      }, STALL_MS);
    }
  };
  // net.connect() hands its normalised arguments on as one array.
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const [first] = args;
    const [options] = Array.isArray(first) ? first : [first];
    const path =
      typeof options === 'string' ? options : (options as SocketConnectOpts & { path?: string }).path;
    if (path?.includes(address)) {
      const afterMs = withinMs * chance(seed, `${process.pid} ${opened++}`);
      setTimeout(() => strike(this), afterMs).unref();
    }
    return (connect as (...given: unknown[]) => Socket).apply(this, args);
  } as typeof connect;
}
