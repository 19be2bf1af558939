/**
 * What observers write down: one line of JSON each, in the order in which it was seen.
 * Instants are nanoseconds of CLOCK_REALTIME as decimal strings, because a double cannot hold them.
 */
export type Observation =
  | FrameObservation
  | AddressObservation
  | NeighbourObservation
  | RequestObservation
  | AnswerObservation
  | SilenceObservation
  | PacketsObservation
  | ConnectionObservation
  | TableObservation
  | StallObservation
  | ProcessorObservation
  | ProcessorWatchObservation
  | ClockStepObservation
  | ObserverLostObservation
  | LabObservation;

interface Observed {
  /** ns since the epoch, decimal. */
  readonly atNs: string;
}

/** A frame seen at a switch port. `port` is the port's name in the switch: amphora-1, amphora-2, router … */
export interface FrameObservation extends Observed {
  readonly kind: 'frame';
  readonly port: string;
  /** `in`: received by the switch from the port's node; `out`: sent to it. */
  readonly direction: 'in' | 'out';
  readonly sourceMac: string;
  readonly frame:
    | {
        readonly type: 'vrrp';
        readonly version: 2 | 3;
        readonly routerId: number;
        readonly priority: number;
        readonly advertIntervalMs: number;
        readonly sourceIp: string;
        readonly destinationIp: string;
      }
    | {
        readonly type: 'arp';
        readonly operation: 'request' | 'reply';
        readonly senderMac: string;
        readonly senderIp: string;
        readonly targetIp: string;
        readonly gratuitous: boolean;
      }
    | { readonly type: 'neighbour-advertisement'; readonly targetIp: string; readonly unsolicited: boolean }
    | {
        readonly type: 'tcp';
        readonly sourceIp: string;
        readonly sourcePort: number;
        readonly destinationIp: string;
        readonly destinationPort: number;
        readonly flags: readonly ('syn' | 'ack' | 'rst' | 'fin')[];
      };
}

/** An address came or went on an interface of a node, as its kernel told over netlink. */
export interface AddressObservation extends Observed {
  readonly kind: 'address';
  readonly node: string;
  readonly change: 'added' | 'removed';
  readonly interface: string;
  readonly address: string;
}

/** The neighbour entry of a node changed, as its kernel told over netlink. */
export interface NeighbourObservation extends Observed {
  readonly kind: 'neighbour';
  readonly node: string;
  readonly address: string;
  /** Absent while unresolved or failed. */
  readonly mac?: string;
  readonly state: string;
}

/** One request of the open-loop HTTP prober; `atNs` is when it was sent. */
export interface RequestObservation extends Observed {
  readonly kind: 'request';
  readonly sequence: number;
  /** When it was due; sent minus due is the prober's own lateness. */
  readonly dueNs: string;
  readonly endNs: string;
  /** The client's, where an answer came to it. */
  readonly port?: number;
  readonly outcome: 'answered' | 'failed';
  /** The amphora (its vrrp_ip) through which the back end was reached; only when answered. */
  readonly servedBy?: string;
  readonly member?: string;
  /** Why it failed: `ECONNRESET`, `timeout`, `status 503` … */
  readonly failure?: string;
}

/** The first packet of an answer reached the client's interface: on the kernel's clock, however busy the client is. */
export interface AnswerObservation extends Observed {
  readonly kind: 'answer';
  /** The client's port, to which it came. */
  readonly port: number;
}

/**
 * The packet prober heard no answer from `atNs`, when one came, to `untilNs`, when the next did. A packet that
 * was held on its way counts from when it was let through.
 */
export interface SilenceObservation extends Observed {
  readonly kind: 'silence';
  readonly untilNs: string;
  /** Packets sent meanwhile. */
  readonly sent: number;
  /** The longest time between two of them: above the spacing, the silence may be the prober's own. */
  readonly spacingMs: number;
  /** No answer has come by `untilNs`: the silence goes on, and a later entry of the same `atNs` says how long. */
  readonly open?: true;
}

/** What the packet prober did from `atNs` to `untilNs`. */
export interface PacketsObservation extends Observed {
  readonly kind: 'packets';
  readonly untilNs: string;
  readonly sent: number;
  readonly answered: number;
  readonly spacingMs: number;
}

/** What became of a long-lived connection, or of the request that was under way over it. */
export interface ConnectionObservation extends Observed {
  readonly kind: 'connection';
  readonly connection: number;
  /** `retried`: the request was answered when it was sent again over a new connection. */
  readonly change: 'cut' | 'retried';
  readonly detail: string;
}

/**
 * How many entries a stick table of a node's HAProxy holds: written when the number has changed, and now and then. An
 * HAProxy that ends loses all.
 */
export interface TableObservation extends Observed {
  readonly kind: 'table';
  readonly node: string;
  readonly table: string;
  readonly entries: number;
  /** The look before this one was asked for then: a number that has changed did so between that and `atNs`. */
  readonly sinceNs: string;
}

/** The machine held a node up from `atNs` to `untilNs`: what was measured then says nothing of the failover. */
export interface StallObservation extends Observed {
  readonly kind: 'stall';
  readonly node: string;
  readonly untilNs: string;
  readonly detail: string;
}

/**
 * A process was ready to run between `atNs` and `untilNs` and waited so long for a processor; or its request waited for
 * a lock of the kernel that all labs of the machine share, or for the disk.
 */
export interface ProcessorObservation extends Observed {
  readonly kind: 'processor';
  /** `machine` where the host of a virtual machine ran something else: time stolen from all of its processors. */
  readonly node: string;
  readonly process: string;
  readonly untilNs: string;
  /** May be longer than the window: the kernel counts a wait when it ends. */
  readonly waitedMs: number;
  /** The request that waited for the kernel's network lock, e.g. `inet_rtm_newaddr`; absent where it was a processor. */
  readonly lock?: string;
  /** Where in the kernel it waited for the disk, e.g. `folio_wait_bit_common`; absent where it did not. */
  readonly disk?: string;
}

/**
 * The witness of {@link ProcessorObservation} was there from `atNs` to `untilNs`: who is named here and in none of
 * those did not wait notably.
 */
export interface ProcessorWatchObservation extends Observed {
  readonly kind: 'processor watch';
  readonly untilNs: string;
  /** In all, by process, e.g. `keepalived of amphora-2`. */
  readonly waitedMs: Readonly<Record<string, number>>;
  /** Share of the ten seconds before in which some process of the machine waited; absent where it is not told. */
  readonly pressure?: number;
}

/** A program that observes ended by itself, or the lab did: what there was to see after that is not known. */
export interface ObserverLostObservation extends Observed {
  readonly kind: 'observer lost';
  /** Completes the sentence "… ended during the run", e.g. `the capture at the switch`. */
  readonly what: string;
  /** What it said of that. */
  readonly detail: string;
}

/** The machine's wall clock was set by so much: instants before and after it cannot be compared. */
export interface ClockStepObservation extends Observed {
  readonly kind: 'clock step';
  readonly byMs: number;
}

/**
 * What a story does: harm, its repair, what an operator wishes, or nothing at all at an instant to count from.
 */
export type Deed = 'fault' | 'heal' | 'change' | 'mark';

/** Something that the lab or the scenario did, with its before and after instants. */
export interface LabObservation extends Observed {
  readonly kind: 'lab';
  readonly what: Deed | 'step';
  readonly name: string;
  readonly node?: string;
  /** `atNs` is the instant before the command, this one the instant after it. */
  readonly doneNs?: string;
  readonly detail?: string;
  /**
   * Made by one system call, somewhere between `atNs` and `doneNs`: it was the machine that took its time. Where it
   * cuts the wire, the packet prober tells the instant.
   */
  readonly atOnce?: true;
  /** The fault stalls its node: late timers there are meant, and say nothing about the machine. */
  readonly stalls?: true;
  /** The fault is over by itself: nothing is to be repaired. */
  readonly passes?: true;
}
