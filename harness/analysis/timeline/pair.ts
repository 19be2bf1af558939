/** How the analysis identifies an amphora. */
export interface Participant {
  /** Name of the node and of its port in the switch. */
  readonly node: string;
  readonly vrrpIp: string;
  readonly mac: string;
}

/** All machines of a pair. */
export function participantsOf({ master, backup, others = [] }: PairFacts): readonly Participant[] {
  return [master, backup, ...others];
}

/** What reading a run needs to know of the pair. */
export interface PairFacts {
  readonly vip: string;
  /** Held the VIP when the story began. */
  readonly master: Participant;
  readonly backup: Participant;
  /** Further machines, where there are more than two. */
  readonly others?: readonly Participant[] | undefined;
  /** Spacing of the HTTP prober. */
  readonly probeIntervalMs: number;
}
