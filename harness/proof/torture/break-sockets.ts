/**
 * Loaded into the processes of a tortured command (NODE_OPTIONS, `--import`): breaks connections that they open to
 * an address, or accept there, each after another time.
 */
import { appendFileSync } from 'node:fs';
import { Server, Socket, type SocketConnectOpts } from 'node:net';
import { codeFile } from '../../project.ts';
import { chance } from './random.ts';

const BREAK_VARIABLE = 'AMPHORA_TESTBED_BREAK';
const STALL_MS = 2000;

/** Which connections are broken, and how. */
export interface Break {
  readonly how: 'reset' | 'half-closed' | 'stalled';
  /** Part of the address. */
  readonly address: string;
  /** Connections break within this time. */
  readonly withinMs: number;
  /** In each process. */
  readonly most: number;
  readonly seed: number;
  /** A file that grows by one byte with each broken connection. */
  readonly tally?: string;
}

/** The environment of a command whose connections are to be broken. */
export function breaking(breaks: readonly Break[]): Readonly<Record<string, string>> {
  const preload = codeFile('harness/proof/torture/break-sockets');
  return { [BREAK_VARIABLE]: JSON.stringify(breaks), NODE_OPTIONS: `--import=${preload}` };
}

for (const each of JSON.parse(process.env[BREAK_VARIABLE] ?? '[]') as readonly Break[]) breakSockets(each);

function breakSockets({ how, address, withinMs, most, seed, tally }: Break): void {
  const { connect } = Socket.prototype;
  const { emit } = Server.prototype;
  let opened = 0;
  let broken = 0;
  const strike = (socket: Socket) => {
    if (socket.destroyed || broken >= most) return;
    broken++;
    if (tally) appendFileSync(tally, '.');
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
  const strikeLater = (socket: Socket) => {
    const afterMs = withinMs * chance(seed, `${process.pid} ${opened++}`);
    setTimeout(() => strike(socket), afterMs).unref();
  };
  // net.connect() passes its normalised arguments as one array.
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const [first] = args;
    const [options] = Array.isArray(first) ? first : [first];
    const path =
      typeof options === 'string' ? options : (options as SocketConnectOpts & { path?: string }).path;
    if (path?.includes(address)) strikeLater(this);
    return (connect as (...given: unknown[]) => Socket).apply(this, args);
  } as typeof connect;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    if (event === 'connection' && String(this.address()).includes(address)) strikeLater(args[0] as Socket);
    return (emit as (...given: unknown[]) => boolean).call(this, event, ...args);
  } as typeof emit;
}
