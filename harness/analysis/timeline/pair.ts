/** How the analysis identifies an amphora. */
export interface Participant {
  /** Name of the node and of its port in the switch. */
  readonly node: string;
  readonly vrrpIp: string;
  readonly mac: string;
}

/** What reading a run needs to know of the pair. */
export interface PairFacts {
  readonly vip: string;
  /** Held the VIP when the story began. */
  readonly master: Participant;
  readonly backup: Participant;
  /** Spacing of the HTTP prober. */
  readonly probeIntervalMs: number;
}
