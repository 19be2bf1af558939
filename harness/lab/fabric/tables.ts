import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { TableObservation } from '../../observations/observation.ts';
import { writeGathered } from '../../streams/batched-lines.ts';
import { every } from './beat.ts';
import type { RealtimeClock } from './clock.ts';
import { pathIn, rootOf } from './machine-files.ts';
import type { GuardRequest, TablesRequest } from './protocol.ts';

/** How often a HAProxy without tables is looked for and asked: a change of the load balancer may add some. */
const WITHOUT_TABLES_MS = 250;
/** How often another listening process is looked for; the end of a process closes its connections and is noticed at once. */
const PROCESS_MS = 50;
/** An unchanged number is written this often, as proof that it was read. */
const SAME_AGAIN_MS = 100;
const MS = 1_000_000n;
/** What HAProxy ends each answer with once it was asked for its prompt (management guide, section 9.3). */
const PROMPT = '\n> ';

/**
 * Watches how many entries the stick tables of HAProxies hold, over a connection to each that stays open, and writes
 * each change as a line of JSON. All are asked at the same instants. Ends when `output` is closed.
 *
 * @param containers by id, whose HAProxies are watched; more may come, and one that was rebooted has another process
 */
export function watchTables(
  { socket, intervalMs }: TablesRequest,
  containers: ReadonlyMap<string, GuardRequest>,
  clock: RealtimeClock,
  output: Writable,
): void {
  const watches = new Map<string, TableWatch>();
  const beats = every(intervalMs, () => {
    for (const { node, pid, containerId } of containers.values()) {
      const watch = watches.get(containerId) ?? new TableWatch(node, socket, clock, output);
      watches.set(containerId, watch);
      watch.look(rootOf(pid));
    }
  });
  output.once('close', () => {
    beats[Symbol.dispose]();
    for (const watch of watches.values()) watch.close();
  });
}

/** The tables of one HAProxy after the other: a process that is replaced or restarted begins with empty ones. */
class TableWatch {
  readonly #node: string;
  /** As the container knows it. */
  readonly #path: string;
  readonly #clock: RealtimeClock;
  readonly #output: Writable;
  /** Pid of the process that answers at the path, found by the inode of its socket. */
  #connection: { readonly socket: Socket; readonly inode: number } | undefined;
  #answer = '';
  /** When the look that is under way was asked for. */
  #askedNs: bigint | undefined;
  /** When the numbers were surely still those of the last look. */
  #knownNs: bigint | undefined;
  readonly #entries = new Map<string, { entries: number; writtenNs: bigint }>();
  #nextNs = 0n;
  /** When the process was looked for, and when it is to be looked for again. */
  #soughtNs: bigint | undefined;
  #processNs = 0n;

  constructor(node: string, path: string, clock: RealtimeClock, output: Writable) {
    this.#node = node;
    this.#path = path;
    this.#clock = clock;
    this.#output = output;
  }

  /** Asks the process that answers in a container with this root, if any does and the last look is over. */
  look(root: string): void {
    const nowNs = this.#clock.nowNs();
    if (nowNs >= this.#processNs) this.#findProcess(root, nowNs);
    if (nowNs < this.#nextNs) return;
    if (this.#connection && this.#askedNs === undefined && this.#answer === PROMPT) {
      this.#answer = '';
      this.#askedNs = nowNs;
      this.#connection.socket.write('show table\n');
    }
  }

  close(): void {
    this.#connection?.socket.destroy();
  }

  #findProcess(root: string, nowNs: bigint): void {
    this.#processNs = nowNs + BigInt(this.#entries.size > 0 ? PROCESS_MS : WITHOUT_TABLES_MS) * MS;
    const found = socketAt(root, this.#path);
    if (this.#connection && this.#connection.inode !== found?.inode) this.#gone();
    this.#soughtNs = nowNs;
    if (!this.#connection && found) this.#open(found.path, found.inode);
  }

  #open(path: string, inode: number): void {
    const socket = connect(path);
    this.#connection = { socket, inode };
    const current = () => this.#connection?.socket === socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => current() && this.#received(text));
    socket.on('error', () => {});
    socket.on('close', () => current() && this.#gone());
    socket.write('prompt\n');
  }

  #received(text: string): void {
    this.#answer += text;
    if (this.#askedNs === undefined || !this.#answer.endsWith(PROMPT)) return;
    const nowNs = this.#clock.nowNs();
    const found = new Map(
      [...this.#answer.matchAll(/^# table: ([^,]+),.*used:(\d+)/gm)].map(([, table = '', used]) => [
        table,
        Number(used),
      ]),
    );
    for (const table of new Set([...this.#entries.keys(), ...found.keys()])) {
      this.#tell(table, found.get(table) ?? 0, nowNs);
    }
    this.#knownNs = this.#askedNs;
    this.#askedNs = undefined;
    this.#answer = PROMPT;
    if (found.size === 0) this.#nextNs = nowNs + BigInt(WITHOUT_TABLES_MS) * MS;
  }

  /** The process that answered has ended, and its tables with it. */
  #gone(): void {
    this.#connection?.socket.destroy();
    this.#connection = undefined;
    this.#answer = '';
    this.#askedNs = undefined;
    const nowNs = this.#clock.nowNs();
    for (const table of this.#entries.keys()) this.#tell(table, 0, nowNs);
    // Its successor may have begun, and have got entries, since then.
    this.#knownNs = this.#soughtNs;
  }

  #tell(table: string, entries: number, atNs: bigint): void {
    const before = this.#entries.get(table);
    if (before?.entries === entries && atNs - before.writtenNs < BigInt(SAME_AGAIN_MS) * MS) return;
    this.#entries.set(table, { entries, writtenNs: atNs });
    const sinceNs = this.#knownNs ?? this.#askedNs ?? atNs;
    const seen: TableObservation = {
      kind: 'table',
      atNs: String(atNs),
      sinceNs: String(sinceNs),
      node: this.#node,
      table,
      entries,
    };
    writeGathered(this.#output, JSON.stringify(seen));
  }
}

/** Undefined where nobody listens, as in an amphora without power. */
function socketAt(root: string, socket: string) {
  try {
    const path = pathIn(root, socket);
    const inode = statSync(path, { throwIfNoEntry: false })?.ino;
    return inode === undefined ? undefined : { path, inode };
  } catch {
    return undefined;
  }
}
