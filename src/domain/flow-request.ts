import type { AmphoraRole } from './amphora.ts';
import type { PlannedChange } from './planned-change.ts';

/**
 * What a flow is made from, beside the load balancer itself: with both, a controller that has died builds the
 * very same flow again.
 */
export type FlowRequest =
  | {
      readonly flow:
        | 'create load balancer'
        | 'update load balancer'
        | 'delete load balancer'
        | 'rotate certificates';
    }
  | ({
      readonly flow: 'change';
      /** The changed objects that no amphora has served so far. */
      readonly unserved: readonly string[];
    } & Omit<PlannedChange, 'loadBalancer'>)
  | { readonly flow: 'configure amphora'; readonly amphoraId: string }
  | { readonly flow: 'failover amphora'; readonly amphoraId: string; readonly role: AmphoraRole }
  | { readonly flow: 'failover load balancer'; readonly amphoraIds: readonly string[] };
