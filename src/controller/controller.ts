import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Amphora, type AmphoraRole, VRRP_PRIORITY } from '../domain/amphora.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { servedByHaproxy, transportOf } from '../domain/protocol.ts';
import type { Settings } from '../domain/settings.ts';
import { inSubnet, type Vip } from '../domain/vip.ts';
import type { AmphoraDriver } from '../driver/driver.ts';
import type { HealthManagerSettings } from '../health/health-manager.ts';
import { PEERS_PORT, renderHaproxy } from '../templates/haproxy.ts';
import { renderKeepalived, type VrrpGroup } from '../templates/keepalived.ts';
import { PATHS } from '../templates/paths.ts';
import { peerName } from '../templates/peer-name.ts';
import { bootFiles } from './boot-files.ts';
import type { ControllerIdentity } from './certificates.ts';
import type { BootFile, ComputeService } from './compute.ts';
import { type Flow, runFlow, type TaskListener } from './flow.ts';
import type { NetworkService, SecurityGroupRule, VipPort } from './network.ts';

/** A load balancer with all that the controller knows of it. */
export interface Deployment {
  readonly loadBalancer: LoadBalancer;
  readonly vip: Vip;
  readonly amphorae: readonly Amphora[];
  readonly group: VrrpGroup;
  readonly status: 'PENDING_CREATE' | 'PENDING_UPDATE' | 'ACTIVE' | 'ERROR';
}

/** The controller worker: flows that turn what was asked for into amphorae that serve it. */
export class Controller {
  readonly #compute: ComputeService;
  readonly #network: NetworkService;
  readonly #driver: AmphoraDriver;
  readonly #identity: ControllerIdentity;
  readonly #settings: Settings;
  readonly #healthManager: HealthManagerSettings | undefined;
  readonly #onTask: TaskListener;
  readonly #deployments = new Map<string, Deployment>();

  constructor(parts: {
    readonly compute: ComputeService;
    readonly network: NetworkService;
    readonly driver: AmphoraDriver;
    readonly identity: ControllerIdentity;
    readonly settings: Settings;
    readonly healthManager?: HealthManagerSettings | undefined;
    readonly onTask?: TaskListener;
  }) {
    this.#compute = parts.compute;
    this.#network = parts.network;
    this.#driver = parts.driver;
    this.#identity = parts.identity;
    this.#settings = parts.settings;
    this.#healthManager = parts.healthManager;
    this.#onTask = parts.onTask ?? (() => {});
  }

  /** @throws when there is none of that id. */
  deployment(loadBalancerId: string): Deployment {
    const found = this.#deployments.get(loadBalancerId);
    if (!found) throw new Error(`There is no load balancer ${loadBalancerId}.`);
    return found;
  }

  /**
   * Boots the amphorae, plugs the VIP and starts VRRP. Its listeners are served from {@link updateListeners} on.
   *
   * @throws FlowFailed when it could not be made; all that was made is gone then
   */
  async createLoadBalancer(loadBalancer: LoadBalancer): Promise<Deployment> {
    const { id } = loadBalancer;
    const pair = loadBalancer.topology === 'ACTIVE_STANDBY';
    const roles: readonly AmphoraRole[] = pair ? ['MASTER', 'BACKUP'] : ['STANDALONE'];
    const make = roles.map((role) => this.#amphoraFlow(id, role));
    try {
      await runFlow(
        {
          sequence: [
            {
              name: 'AllocateVIP',
              execute: async () => {
                const address = loadBalancer.vip_address;
                const vip = await this.#network.allocateVip({
                  loadBalancerId: id,
                  ...(address && { address }),
                });
                const group = vrrpGroup(id, this.#settings);
                this.#deployments.set(id, {
                  loadBalancer,
                  vip,
                  group,
                  amphorae: [],
                  status: 'PENDING_CREATE',
                });
              },
              revert: async () => {
                const deployment = this.#deployments.get(id);
                this.#deployments.delete(id);
                if (deployment) await this.#network.deallocateVip(deployment.vip);
              },
            },
            { together: make },
            this.#updateVip(id, () => []),
            ...(pair ? this.#vrrpFlow(id) : []),
            this.#mark(id, 'ACTIVE'),
          ],
        },
        this.#onTask,
      );
    } catch (error) {
      this.#deployments.delete(id);
      throw error;
    }
    return this.deployment(id);
  }

  /**
   * Brings listeners, pools, members and policies to what is asked for (ListenersUpdate), then opens the
   * security group for them (UpdateVIP).
   *
   * @throws FlowFailed; the data plane stays on its last good configuration
   */
  async updateListeners(loadBalancer: LoadBalancer): Promise<Deployment> {
    const { id } = loadBalancer;
    const before = this.deployment(id);
    this.#deployments.set(id, { ...before, loadBalancer, status: 'PENDING_UPDATE' });
    try {
      await runFlow(
        {
          sequence: [
            this.#listenersUpdate(id),
            this.#updateVip(id, (entry) => entry.listeners),
            this.#mark(id, 'ACTIVE'),
          ],
        },
        this.#onTask,
      );
    } catch (error) {
      this.#deployments.set(id, { ...before, status: 'ACTIVE' });
      throw error;
    }
    return this.deployment(id);
  }

  #bootFiles(loadBalancerId: string, amphoraId: string): Promise<readonly BootFile[]> {
    return bootFiles({
      identity: this.#identity,
      amphoraId,
      topology: this.deployment(loadBalancerId).loadBalancer.topology,
      healthManager: this.#healthManager,
    });
  }

  #amphoraFlow(loadBalancerId: string, role: AmphoraRole): Flow {
    let amphora: Amphora | undefined;
    let port: VipPort | undefined;
    const made = (): Amphora => {
      if (!amphora) throw new Error('The amphora has not been booted.');
      return amphora;
    };
    return {
      sequence: [
        {
          name: 'ComputeCreate',
          execute: async () => {
            const spare = await this.#compute.takeSpare?.();
            const id = spare?.amphoraId ?? randomUUID();
            const instance =
              spare ??
              (await this.#compute.boot({ amphoraId: id, files: await this.#bootFiles(loadBalancerId, id) }));
            amphora = {
              id,
              role,
              compute_id: instance.computeId,
              lb_network_ip: instance.lbNetworkIp,
              agent_url: instance.agentUrl,
              vrrp_ip: '',
              ha_ip: this.deployment(loadBalancerId).vip.ip_address,
              vrrp_port_id: '',
              vrrp_priority: role === 'STANDALONE' ? 0 : VRRP_PRIORITY[role],
              vrrp_interface: '',
            };
          },
          revert: async () => {
            if (amphora) await this.#compute.delete(amphora.compute_id);
          },
        },
        { name: 'AmphoraComputeConnectivityWait', execute: () => this.#driver.waitForAgent(made()) },
        {
          name: 'PlugVIPPort',
          execute: async () => {
            const { vip } = this.deployment(loadBalancerId);
            const { id, compute_id } = made();
            port = await this.#network.plugVipPort({ computeId: compute_id, amphoraId: id, vip });
            amphora = { ...made(), vrrp_ip: port.vrrpIp, vrrp_port_id: port.portId };
          },
          revert: async () => {
            if (port) await this.#network.unplugVipPort(port.portId);
          },
        },
        {
          name: 'AmphoraPostVIPPlug',
          execute: async () => {
            const deployment = this.deployment(loadBalancerId);
            if (port) await this.#driver.plugVip(made(), deployment.vip, port);
            const amphorae = [...this.deployment(loadBalancerId).amphorae, made()];
            amphorae.sort((a, b) => b.vrrp_priority - a.vrrp_priority);
            this.#deployments.set(loadBalancerId, { ...deployment, amphorae });
          },
        },
      ],
    };
  }

  #vrrpFlow(loadBalancerId: string): Flow[] {
    return [
      {
        name: 'AmphoraUpdateVRRPInterface',
        execute: async () => {
          const deployment = this.deployment(loadBalancerId);
          const amphorae = await Promise.all(
            deployment.amphorae.map(async (amphora) => ({
              ...amphora,
              vrrp_interface: await this.#driver.interfaceOf(amphora, amphora.vrrp_ip),
            })),
          );
          this.#deployments.set(loadBalancerId, { ...deployment, amphorae });
        },
      },
      this.#onEach(loadBalancerId, 'AmphoraVRRPUpdate', (amphora, { loadBalancer, amphorae, vip, group }) =>
        this.#driver.uploadKeepalived(
          amphora,
          renderKeepalived({
            amphora,
            amphorae,
            vip,
            additionalVips: loadBalancer.additional_vips.map((entry) => inSubnet(entry, [vip])),
            group,
            settings: this.#settings,
          }),
        ),
      ),
      {
        name: 'AmphoraVRRPStart',
        execute: async () => {
          // One after the other, as upstream: with `nopreempt` and without `state`, the first that starts rules.
          for (const amphora of this.deployment(loadBalancerId).amphorae)
            await this.#driver.vrrp(amphora, 'start');
        },
      },
    ];
  }

  #listenersUpdate(loadBalancerId: string): Flow {
    return this.#onEach(
      loadBalancerId,
      'ListenersUpdate',
      async (amphora, { loadBalancer, amphorae, vip }) => {
        const { listeners } = loadBalancer;
        // UDP and SCTP listeners are not HAProxy's.
        if (!listeners.some(servedByHaproxy)) return;
        const certificates = new Certificates(loadBalancerId, this.#driver, amphora);
        await certificates.upload(loadBalancer);
        const configuration = renderHaproxy({
          loadBalancer,
          listeners,
          id: loadBalancerId,
          vipAddress: vip.ip_address,
          amphorae,
          settings: this.#settings,
          certificatePath: (reference) => certificates.path(reference),
        });
        await this.#driver.uploadHaproxy(amphora, loadBalancerId, configuration);
        await this.#driver.haproxy(amphora, loadBalancerId, 'reload');
      },
    );
  }

  #updateVip(
    loadBalancerId: string,
    served: (loadBalancer: LoadBalancer) => LoadBalancer['listeners'],
  ): Flow {
    return {
      name: 'UpdateVIP',
      execute: async () => {
        const { loadBalancer, vip, amphorae } = this.deployment(loadBalancerId);
        await this.#network.updateSecurityGroup(
          vip,
          securityRules(served(loadBalancer), loadBalancer, amphorae),
        );
      },
    };
  }

  #mark(loadBalancerId: string, status: 'ACTIVE'): Flow {
    return {
      name: 'MarkLBActiveInDB',
      execute: async () => {
        this.#deployments.set(loadBalancerId, { ...this.deployment(loadBalancerId), status });
      },
    };
  }

  #onEach(
    loadBalancerId: string,
    name: string,
    act: (amphora: Amphora, deployment: Deployment) => Promise<void>,
  ): Flow {
    return {
      name,
      execute: async () => {
        const deployment = this.deployment(loadBalancerId);
        await Promise.all(deployment.amphorae.map((amphora) => act(amphora, deployment)));
      },
    };
  }
}

/** The VRRP group of a load balancer. */
export function vrrpGroup(loadBalancerId: string, settings: Settings): VrrpGroup {
  return {
    vrrp_group_name: loadBalancerId.replaceAll('-', ''),
    // VRRPv2's simple password has 8 octets (RFC 2338, section 5.3.6); Octavia takes 7 characters.
    vrrp_auth_pass: peerName(loadBalancerId).slice(0, 7),
    advert_int: settings.keepalived_vrrp.vrrp_advert_int,
  };
}

/** Each listener's port for its clients; between the amphorae their peers' port, VRRP and AH. */
function securityRules(
  listeners: LoadBalancer['listeners'],
  { topology }: LoadBalancer,
  amphorae: readonly Amphora[],
): SecurityGroupRule[] {
  const open = listeners
    .filter((listener) => listener.admin_state_up)
    .map(
      (listener): SecurityGroupRule => ({
        protocol: transportOf(listener.protocol),
        port: listener.protocol_port,
        ...(listener.allowed_cidrs?.length ? { remote: listener.allowed_cidrs } : {}),
      }),
    );
  if (topology === 'SINGLE') return open;
  const remote = amphorae.map((amphora) => amphora.vrrp_ip);
  return [
    ...open,
    { protocol: 'tcp', port: PEERS_PORT, remote },
    { protocol: 112, remote },
    { protocol: 51, remote },
  ];
}

/** TLS material of a load balancer: `file:PATH` references, uploaded under digests of their names. */
class Certificates {
  readonly #id: string;
  readonly #driver: AmphoraDriver;
  readonly #amphora: Amphora;

  constructor(id: string, driver: AmphoraDriver, amphora: Amphora) {
    this.#id = id;
    this.#driver = driver;
    this.#amphora = amphora;
  }

  path(reference: string): string {
    return `${PATHS.certificates(this.#id)}/${certificateFile(reference)}`;
  }

  async upload({ listeners, pools }: LoadBalancer): Promise<void> {
    const references = [
      ...listeners.flatMap((entry) => [
        entry.default_tls_container_ref,
        ...entry.sni_container_refs,
        entry.client_ca_tls_container_ref,
        entry.client_crl_container_ref,
      ]),
      ...pools.flatMap((entry) => [
        entry.tls_container_ref,
        entry.ca_tls_container_ref,
        entry.crl_container_ref,
      ]),
    ].filter((reference) => reference != null);
    for (const reference of new Set(references)) {
      const pem = await readFile(reference.replace(/^file:/, ''), 'utf8');
      await this.#driver.uploadCertificate(this.#amphora, this.#id, certificateFile(reference), pem);
    }
    for (const entry of listeners.filter((listener) => listener.default_tls_container_ref)) {
      const list = [entry.default_tls_container_ref, ...entry.sni_container_refs]
        .filter((reference) => reference != null)
        .map((reference) => `${this.path(reference)}\n`);
      await this.#driver.uploadCertificate(this.#amphora, this.#id, `${entry.id}.pem`, list.join(''));
    }
  }
}

function certificateFile(reference: string): string {
  return `${peerName(reference)}.pem`;
}
