/**
 * The protocol between harness and fabric: HTTP/2 over the standard streams of the fabric's
 * container, so that one attached connection carries commands, streams and TCP tunnels alike, on a local
 * engine as on a remote one, and its end tells the fabric that the harness is gone.
 */
export const PATHS = {
  run: '/run',
  stream: '/stream',
  probe: '/probe',
  packets: '/packets',
  datagrams: '/datagrams',
  hold: '/hold',
  tables: '/tables',
  stalls: '/stalls',
  waits: '/waits',
  keepalived: '/keepalived',
  load: '/load',
  guard: '/guard',
  host: '/host',
} as const;

/** In the fabric, the file that names the process of the back ends. */
export const BACK_ENDS_PID = '/run/backends.pid';

/** The trailer of a streamed program that ended by itself: what it said on standard error, as a part of a URI. */
export const COMPLAINT = 'complaint';

/** The status of a streamed program that ended before it heard of changes. */
export const NEVER_HEARD = 500;

/** A header of a tunnel: it waits this long, in ms, for its first connection, as what listens may still be starting. */
export const FIRST_WITHIN = 'first-within';

/**
 * A step of a sequence: a program with its arguments, a file of the fabric's, files of a machine (by its process 1 and a
 * pattern) that are read or removed, a signal to a process of the engine's host, or its end.
 */
export type Step =
  | { readonly argv: readonly string[]; readonly stdin?: string }
  | { readonly file: string; readonly content: string }
  | { readonly machine: number; readonly read: string }
  | { readonly machine: number; readonly remove: string }
  | { readonly signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'; readonly pid: number }
  | { readonly ended: number };

/** Steps are run one after the other; the first that fails ends the sequence. */
export interface StepsRequest {
  readonly steps: readonly Step[];
  /**
   * When the first step is to be taken, ns since the epoch. Its program is started before and waits for its
   * input, so that neither the harness nor the start of a process delays it.
   */
  readonly atNs?: string;
}

export interface StepResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Instants before and after the step, ns since the epoch. */
  readonly startedNs: string;
  readonly doneNs: string;
}

/** Starts a program whose standard output is the answer's body; it is ended when the stream is closed. */
export interface StreamRequest {
  readonly argv: readonly string[];
  /** Its answer begins only when the program hears of changes of the network (netlink(7)), or has ended: {@link NEVER_HEARD}. */
  readonly hears?: true;
}

/** Binds a UDP port in the fabric's own namespace; each datagram is a line of base64 on the answer's body. */
export interface DatagramsRequest {
  readonly host: string;
  readonly port: number;
}

/** A container that the fabric destroys when the harness is gone. */
export interface GuardRequest {
  /** The node that it is, e.g. `amphora-1`. */
  readonly node: string;
  readonly pid: number;
  readonly containerId: string;
}

/** How a service of the user's is asked: its answers count whatever they say, unless its servers are missing (5xx). */
export interface Asked {
  readonly tls: boolean;
  readonly path: string;
}

/** The open-loop prober: a new request every `intervalMs`, whatever became of the earlier ones. */
export interface ProbeRequest {
  /** HTTP over a new connection each, which is the default, or datagrams from a new port each. */
  readonly transport?: 'tcp' | 'udp';
  /** Without it `/` is asked for, and must be answered with status 200. */
  readonly asked?: Asked | undefined;
  readonly host: string;
  readonly port: number;
  readonly intervalMs: number;
  /** Below the kernel's first SYN retransmission (1 s), so that each request is one attempt. */
  readonly timeoutMs: number;
}

/** From one echo request of the packet prober to the next. */
export const PACKET_SPACING_MS = 1;

/** The packet prober. */
export interface PacketsRequest {
  readonly from: Endpoint;
  /** Its MAC is that of the next hop. */
  readonly to: Endpoint;
}

interface Endpoint {
  readonly ip: string;
  readonly mac: string;
}

/** Limits of the engine's host, as the fabric sees them. */
export interface HostLimits {
  readonly hardFileLimit: number;
  readonly kernel: string;
  readonly cpus: number;
}

/** Long-lived connections, each with a request every `intervalMs`; a request unanswered for `timeoutMs` cuts it. */
export interface HoldRequest {
  readonly asked?: Asked | undefined;
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Watches the stick tables of the HAProxies in all guarded containers, which are looked at every `intervalMs`. */
export interface TablesRequest {
  /** HAProxy's stats socket, as each container knows it. */
  readonly socket: string;
  readonly intervalMs: number;
}

/** Watches whether processes are held up: by a freezer, by SIGSTOP, or the fabric itself by a busy machine. */
export interface StallsRequest {
  /** By name, the pid at the engine's host. */
  readonly processes: Readonly<Record<string, number>>;
}

/** Has a machine's keepalived write its state. */
export interface KeepalivedRequest {
  /** The machine's process 1, as the engine's host counts. */
  readonly pid: number;
  /** A regular expression of its command line: a machine may have several. */
  readonly command: string;
}

/** What keepalived wrote. */
export interface KeepalivedDump {
  /** The parent of its processes, as the engine's host counts. */
  readonly pid: number;
  readonly text: string;
}

/** Processor time of the fabric's process and of the programs that observe, ms since their start. */
export interface Load {
  readonly cpuMs: number;
}
