import type { LoadBalancer } from './load-balancer.ts';
import type { ObjectKind } from './objects.ts';

/** A change of a load balancer's objects, as a client of Octavia's API v2 asks for it. */
export type Change =
  | {
      readonly action: 'create';
      readonly object: ObjectKind;
      /** The object it belongs to: the load balancer, or a pool, listener or policy. */
      readonly parent: string;
      readonly value: unknown;
    }
  | { readonly action: 'update'; readonly id: string; readonly value: unknown }
  | { readonly action: 'delete'; readonly id: string }
  | {
      /** The members of a pool become these, as PUT /pools/{id}/members has it; `additive` leaves the others. */
      readonly action: 'replace members';
      readonly pool: string;
      readonly value: readonly unknown[];
      readonly additive?: boolean;
    };

/** The object that a change is made to or in. */
export function targetOf(change: Change): string {
  switch (change.action) {
    case 'create':
      return change.parent;
    case 'replace members':
      return change.pool;
    default:
      return change.id;
  }
}

/** What a change comes to, before anything has been done for it. */
export interface PlannedChange {
  readonly action: 'create' | 'update' | 'delete' | 'batch';
  readonly object: ObjectKind;
  /** As it is to be; what is to be deleted is still in it. */
  readonly loadBalancer: LoadBalancer;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** With all that stands in them. */
  readonly deleted: readonly string[];
  /** Objects that are pending meanwhile although they stay as they are. */
  readonly parents: readonly string[];
}
