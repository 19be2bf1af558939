import type { Settings } from '../domain/settings.ts';
import type { AmphoraDriver } from '../driver/driver.ts';
import type { BootRequest } from './boot-files.ts';
import type { BootFile, ComputeService } from './compute.ts';
import type { Deployments } from './deployments.ts';
import type { NetworkService } from './network.ts';

/** What flows are made of: the cloud below, the agents, and what is known of the load balancers. */
export interface Services {
  readonly compute: ComputeService;
  readonly network: NetworkService;
  readonly driver: Driver;
  /** What an amphora must have before its first boot. */
  readonly bootFiles: (request: AmphoraToBoot) => Promise<readonly BootFile[]>;
  /** The agent's new certificate with its key, PEM; absent where the controller has no authority. */
  readonly issueCertificate?: (amphoraId: string) => Promise<string>;
  readonly settings: Settings;
  readonly deployments: Deployments;
}

/** An amphora that is to be made. */
export type AmphoraToBoot = Pick<BootRequest, 'amphoraId' | 'topology'>;

/** The driver as flows use it. */
export type Driver = Pick<
  AmphoraDriver,
  | 'waitForAgent'
  | 'reachable'
  | 'plugVip'
  | 'interfaceOf'
  | 'updateVrrp'
  | 'vrrp'
  | 'updateListeners'
  | 'startListeners'
  | 'uploadCertificate'
  | 'uploadAgentConfiguration'
>;
