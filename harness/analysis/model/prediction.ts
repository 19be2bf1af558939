import type { AgentName } from '../../system/under-test.ts';
import type { VrrpConfiguration } from './keepalived-configuration.ts';

/** What predicts the outage of an episode: the pair's configuration, and the instants. */
export interface Prediction {
  /** Timers of the amphora that holds the VIP when the fault strikes. */
  readonly holder: VrrpConfiguration;
  /** Timers of the other one, which takes over. */
  readonly other: VrrpConfiguration;
  /** Time from the holder's last advertisement to the fault. */
  readonly phaseMs: number;
  /** Time from the fault until the holder stopped answering: 0 where it stopped at once. */
  readonly servedMs: number;
  /** Time from the fault until the story does the next thing, such as its repair; undefined where it does nothing more. */
  readonly lastsMs?: number | undefined;
  /** Whether the holder passes packets on for an address that it has given up (net.ipv4.ip_forward). */
  readonly holderForwards?: boolean;
  /** So long the holder's check waits for HAProxy, ms; null where nobody knows, absent where it is Octavia's. */
  readonly checkWaitsMs?: number | null | undefined;
  /** Version of keepalived on both; undefined where it is unknown. */
  readonly keepalived?: string | undefined;
  /** Whose agent builds a new amphora; undefined where there is no run. */
  readonly agent?: AgentName | undefined;
}
