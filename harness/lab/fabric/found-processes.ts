import { readdirSync, readFileSync } from 'node:fs';
import { isAgent } from '../../system/agents.ts';
import { ProcFile, schedstat } from './proc-file.ts';

/** Where processes are looked for: below the first one of a node, or below one that went to the background. */
export interface Place {
  readonly node: string;
  /** As the engine's host counts. */
  readonly pid: number;
}

/** A thread of a process, by its name in a history. */
export interface Named extends Place {
  readonly process: string;
}

/** What one kind of process of a node has waited for a processor. */
export interface Waited {
  readonly node: string;
  readonly process: string;
  readonly waitedMs: number;
}

interface Thread {
  readonly file: ProcFile;
  /** As read last: who has not run since has not waited either. */
  text: string | undefined;
  readNs: bigint;
}

/** A process in the tree below a place. */
interface Known extends Disposable {
  readonly pid: number;
  readonly node: string;
  command: string;
  /** What it is called, where it is watched. */
  process: string | undefined;
  readonly children: ProcFile;
  /** How often it was looked at. */
  looks: number;
  /** By number. */
  readonly threads: Map<string, Thread>;
}

/** Processes by name, with new ones since the last look, and how long each of them waits. */
export class FoundProcesses implements Disposable {
  readonly #known = new Map<number, Known>();
  /** Processes of the first look have waited before; later ones have not. */
  #first = true;

  /** Looks for processes that are new, and forgets those that have ended. */
  lookAgain(places: readonly Place[]): void {
    for (const [pid, known] of this.#known) {
      if (known.children.read() === undefined) this.#forget(pid);
    }
    for (const place of places) this.#visit(place, undefined);
    for (const known of this.#known.values()) this.#threadsOf(known);
    this.#first = false;
  }

  /**
   * What each kind has waited since the last call. Several of a kind run side by side, so that the one that waited
   * longest counts: they are not added up.
   */
  waited(): readonly Waited[] {
    const longest = new Map<string, Waited>();
    for (const { node, process, threads } of this.#known.values()) {
      if (process === undefined) continue;
      for (const thread of threads.values()) {
        const waitedMs = waitedBy(thread);
        if (waitedMs === undefined) continue;
        const key = `${node} ${process}`;
        if (waitedMs >= (longest.get(key)?.waitedMs ?? 0)) longest.set(key, { node, process, waitedMs });
      }
    }
    return [...longest.values()];
  }

  /** The threads of all that a request may wait for, wherever they are. */
  serving(): readonly Named[] {
    return [...this.#known.values()].flatMap(({ node, process, threads }) =>
      process !== undefined && SERVING.has(process)
        ? [...threads.keys()].map((id) => ({ node, process, pid: Number(id) }))
        : [],
    );
  }

  [Symbol.dispose](): void {
    for (const pid of [...this.#known.keys()]) this.#forget(pid);
  }

  #visit({ node, pid }: Place, parent: Known | undefined): void {
    const known = this.#known.get(pid) ?? this.#meet(node, pid, parent);
    if (known && !known.process && known.looks++ < STRANGER_LOOKS) this.#recognise(known, parent);
    // Further down the tree, only keepalived and HAProxy have children that matter.
    if (!known || (parent && !known.process)) return;
    for (const child of known.children.read()?.trim().split(/\s+/) ?? []) {
      if (child !== '') this.#visit({ node, pid: Number(child) }, known);
    }
  }

  #meet(node: string, pid: number, parent: Known | undefined): Known | undefined {
    try {
      const command = commandOf(pid);
      const children = new ProcFile(`/proc/${pid}/task/${pid}/children`);
      const process = parent ? processName(command, parent.command) : rootName(node, pid);
      const known: Known = {
        ...{ pid, node, command, process, children, looks: 0, threads: new Map() },
        [Symbol.dispose]() {
          children[Symbol.dispose]();
          for (const { file } of this.threads.values()) file[Symbol.dispose]();
        },
      };
      this.#known.set(pid, known);
      return known;
    } catch {
      // It has ended meanwhile.
      return undefined;
    }
  }

  /** Between fork and exec, a process looks like the one that started it. */
  #recognise(known: Known, parent: Known | undefined): void {
    if (!parent) return;
    try {
      known.command = commandOf(known.pid);
      known.process = processName(known.command, parent.command);
    } catch {
      // It has ended meanwhile.
    }
  }

  #threadsOf({ pid, process, threads }: Known): void {
    if (process === undefined) return;
    try {
      const alive = THREADED.has(process) ? readdirSync(`/proc/${pid}/task`) : [String(pid)];
      for (const id of alive) {
        if (threads.has(id)) continue;
        const file = new ProcFile(`/proc/${pid}/task/${id}/schedstat`);
        const readNs = this.#first ? (schedstat(file.read())?.waitedNs ?? 0n) : 0n;
        threads.set(id, { file, text: undefined, readNs });
      }
    } catch {
      // It has ended meanwhile.
    }
  }

  #forget(pid: number): void {
    this.#known.get(pid)?.[Symbol.dispose]();
    this.#known.delete(pid);
  }
}

/** What a thread has waited since it was asked last, ms; undefined once it has ended. */
function waitedBy(thread: Thread): number | undefined {
  const text = thread.file.read();
  if (text === undefined) return undefined;
  if (text === thread.text) return 0;
  thread.text = text;
  const nowNs = schedstat(text)?.waitedNs ?? thread.readNs;
  const waitedMs = Number(nowNs - thread.readNs) / 1e6;
  thread.readNs = nowNs;
  return waitedMs;
}

/** A process that is not known by then is another one. */
const STRANGER_LOOKS = 10;
/** Its process that speaks VRRP. */
const KEEPALIVED = 'keepalived';
const HAPROXY = 'HAProxy';
const AGENT = 'the agent';
/** The fabric's own process sends the requests of the clients. */
const PROBER = 'the prober';

/** The node that plays all but the amphorae, and its HAProxy, which answers for the back ends. */
export const FABRIC = 'fabric';
const BACK_ENDS = 'the back ends';

/** The first process of an amphora starts again what has died. */
const SYSTEMD = 'systemd';

/** Those that serve with several threads; all others have one, or others that help their first one. */
const THREADED: ReadonlySet<string> = new Set([HAPROXY, BACK_ENDS]);
const SERVING: ReadonlySet<string> = new Set([KEEPALIVED, HAPROXY, BACK_ENDS]);

/** The fabric's own process, and what it started that went to the background; systemd in an amphora. */
function rootName(node: string, pid: number): string {
  if (pid === process.pid) return PROBER;
  return node === FABRIC ? BACK_ENDS : SYSTEMD;
}

/** A process's name in a history, from its command line and its parent’s; undefined for irrelevant ones. */
export function processName(command: string, parentCommand: string): string | undefined {
  const program = programOf(command);
  const isChild = program === programOf(parentCommand);
  if (program === 'keepalived') return isChild ? KEEPALIVED : "keepalived's parent";
  if (program === 'haproxy') return isChild ? HAPROXY : "HAProxy's master";
  if (isAgent(command)) return AGENT;
  return program === 'tcpdump' || program === 'trafgen' ? program : undefined;
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
}

/** The name of the program in a command line. */
export function programOf(command: string): string {
  return /^(?:\S*\/)?([^\s/:]+)/.exec(command)?.[1] ?? '';
}
