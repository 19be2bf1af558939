/** How requests follow each other; each has a connection of its own. */
export type Regime =
  /** One every `intervalMs`, whatever became of the earlier ones: no request waits unseen for another. */
  | { readonly kind: 'schedule'; readonly intervalMs: number }
  /** Each client sends its next request when it has its answer. */
  | { readonly kind: 'closed loop'; readonly clients: number }
  /** Another program asks. */
  | { readonly kind: 'program'; readonly argv: readonly string[] };

export interface LoadRequest {
  readonly host: string;
  readonly port: number;
  readonly regime: Regime;
  readonly durationMs: number;
  /** After this a request is given up. */
  readonly patienceMs: number;
  /** Whether to capture: capturing costs as much as some requests do, and a count needs none. */
  readonly captured: boolean;
  /** Runs this in the lab while the load goes on. */
  readonly meanwhile?: { readonly afterMs: number; readonly argv: readonly string[] };
}

/** The first line that the program prints: the load begins. */
export const BEGUN = 'begun';

/** The second, as JSON. */
export interface LoadResult {
  /** As the client saw them. */
  readonly answered: number;
  readonly failed: number;
  readonly durationMs: number;
  /** By how much a request was sent after it was due, at worst; 0 without a schedule. */
  readonly lateMs: number;
  /** Through which amphora the last answer came. */
  readonly servedBy?: string;
  /** What the other program printed. */
  readonly printed?: string;
  readonly waits?: CapturedWaits;
}

/** What the capture at the client's interface tells. */
export interface CapturedWaits {
  readonly answeredMs: readonly number[];
  /** How long those waited in vain that were not answered. */
  readonly failedMs: readonly number[];
  /** The client's own part of a wait in the median, between the accepted connection and its request. */
  readonly clientMs: number;
  /** Packets that the capture lost: more than none, and the waits are not whole. */
  readonly lostPackets: number;
}
