import type { Settings } from '../domain/settings.ts';
import type { AmphoraDriver } from '../driver/driver.ts';
import type { HealthManagerSettings } from '../health/health-manager.ts';
import type { ControllerIdentity } from './certificates.ts';
import type { ComputeService } from './compute.ts';
import type { Deployments } from './deployments.ts';
import type { NetworkService } from './network.ts';

/** What flows are made of: the cloud below, the agents, and what is known of the load balancers. */
export interface Services {
  readonly compute: ComputeService;
  readonly network: NetworkService;
  readonly driver: Driver;
  readonly identity: ControllerIdentity;
  readonly settings: Settings;
  /** Whom amphorae send heartbeats to. */
  readonly healthManager?: HealthManagerSettings | undefined;
  readonly deployments: Deployments;
}

/** The driver as flows use it. */
export type Driver = Pick<
  AmphoraDriver,
  | 'waitForAgent'
  | 'reachable'
  | 'plugVip'
  | 'interfaceOf'
  | 'uploadKeepalived'
  | 'vrrp'
  | 'updateListeners'
  | 'startListeners'
>;
