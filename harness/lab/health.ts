import { type CareListener, careFor } from '../../src/controller/care.ts';
import type { Controller } from '../../src/controller/controller.ts';
import type { HealthManager } from '../../src/health/health-manager.ts';
import {
  DEFAULT_HEALTH_MANAGER,
  HEARTBEAT_PORT,
  type HealthManagerSettings,
} from '../../src/health/settings.ts';
import { ADDRESSES } from './addresses.ts';
import type { Fabric } from './fabric/fabric.ts';

/** What a lab may ask of its health manager; times in seconds, upstream's where absent. */
export interface HealthRequest {
  readonly settings?: Partial<
    Pick<HealthManagerSettings, 'heartbeat_interval' | 'heartbeat_timeout' | 'health_check_interval'>
  >;
  readonly told?: CareListener;
}

/** The settings of a lab: its amphorae reach the health manager over the management network. */
export function healthSettings(request: HealthRequest): HealthManagerSettings {
  return {
    ...DEFAULT_HEALTH_MANAGER,
    ...request.settings,
    heartbeat_key: 'a lab has no secrets',
    controller_ip_port_list: [`${ADDRESSES.management}:${HEARTBEAT_PORT}`],
  };
}

/** The lab's health manager: it lives in this process, its port is in the fabric. */
export async function startHealthManager(
  fabric: Fabric,
  controller: Controller,
  request: HealthRequest,
): Promise<HealthManager & AsyncDisposable> {
  const manager = careFor(controller, healthSettings(request), request.told);
  const port = { host: ADDRESSES.management, port: HEARTBEAT_PORT };
  const relay = await fabric.onDatagram(port, (datagram) => manager.receive(datagram));
  manager.check();
  return Object.assign(manager, {
    [Symbol.asyncDispose]: async () => {
      manager[Symbol.dispose]();
      await relay[Symbol.asyncDispose]();
    },
  });
}
