import type { LoadBalancer } from '../domain/load-balancer.ts';
import type { Endpoint } from '../driver/endpoint.ts';
import type { ServedLoadBalancer } from '../driver/haproxy-process.ts';
import { OWN_RENDERERS } from '../driver/renderers.ts';
import type { ComputeService } from './compute.ts';
import type { NetworkService, SecurityGroupRule, VipPort } from './network.ts';
import type { Driver } from './services.ts';

/** An amphora as its agent would know it. */
interface Machine {
  readonly amphoraId: string;
  served: LoadBalancer | undefined;
  keepalived: string | undefined;
}

/**
 * A cloud with agents in memory, for faults that no real one makes on demand: any of its calls fails when told
 * so. It survives the controller, as a cloud does.
 */
export class CloudDouble {
  readonly machines = new Map<string, Machine>();
  readonly ports = new Map<string, VipPort>();
  readonly vips = new Map<string, readonly SecurityGroupRule[]>();
  /** Names of the calls so far. */
  readonly calls: string[] = [];
  /** The number of the call that fails, from 0. */
  failing: number | undefined;
  /** Calls are no longer answered: the caller is dead. */
  silent = false;

  readonly compute: ComputeService = {
    boot: async ({ amphoraId }) => {
      await this.#called('boot');
      if (!this.machines.has(amphoraId)) {
        this.machines.set(amphoraId, { amphoraId, served: undefined, keepalived: undefined });
      }
      return { computeId: `c-${amphoraId}`, lbNetworkIp: '192.0.2.1', agentUrl: 'https://192.0.2.1:9443' };
    },
    delete: async (amphoraId) => {
      await this.#called('delete');
      this.machines.delete(amphoraId);
    },
  };

  readonly network: NetworkService = {
    allocateVip: async ({ loadBalancerId }) => {
      await this.#called('allocateVip');
      this.vips.set(loadBalancerId, this.vips.get(loadBalancerId) ?? []);
      return {
        ip_address: '172.16.1.10',
        port_id: loadBalancerId,
        subnet_cidr: '172.16.1.0/24',
        gateway_ip: '172.16.1.1',
        host_routes: [],
      };
    },
    deallocateVip: async (loadBalancerId) => {
      await this.#called('deallocateVip');
      this.vips.delete(loadBalancerId);
    },
    plugVipPort: async ({ amphoraId }) => {
      await this.#called('plugVipPort');
      const host = this.ports.size + 20;
      const port = this.ports.get(amphoraId) ?? {
        portId: `p-${amphoraId}`,
        macAddress: 'fa:16:3e:00:00:01',
        vrrpIp: `172.16.1.${host}`,
        mtu: 1500,
      };
      this.ports.set(amphoraId, port);
      return port;
    },
    unplugVipPort: async (amphoraId) => {
      await this.#called('unplugVipPort');
      this.ports.delete(amphoraId);
    },
    updateSecurityGroup: async (vip, rules) => {
      await this.#called('updateSecurityGroup');
      this.vips.set(vip.port_id, rules);
    },
  };

  readonly driver: Driver = {
    waitForAgent: (amphora) => this.#agent('waitForAgent', amphora).then(() => {}),
    reachable: (amphora) =>
      this.#agent('reachable', amphora).then(
        () => true,
        () => false,
      ),
    plugVip: (amphora) => this.#agent('plugVip', amphora).then(() => {}),
    interfaceOf: (amphora) => this.#agent('interfaceOf', amphora).then(() => 'eth1'),
    updateVrrp: async (request) => {
      const machine = await this.#agent('updateVrrp', request.amphora);
      machine.keepalived = await OWN_RENDERERS.keepalived(request);
    },
    vrrp: (amphora) => this.#agent('vrrp', amphora).then(() => {}),
    updateListeners: async (amphora, { loadBalancer }: ServedLoadBalancer) => {
      const machine = await this.#agent('updateListeners', amphora);
      machine.served = loadBalancer;
    },
    uploadAgentConfiguration: (amphora) => this.#agent('uploadAgentConfiguration', amphora).then(() => {}),
    uploadCertificate: (amphora) => this.#agent('uploadCertificate', amphora).then(() => {}),
    startListeners: (amphora) => this.#agent('startListeners', amphora).then(() => {}),
  };

  /** TCP ports that the VIP's security group opens to anybody. */
  openPorts(loadBalancerId: string): readonly number[] {
    return (this.vips.get(loadBalancerId) ?? []).flatMap(({ port, remote }) =>
      port && !remote ? [port] : [],
    );
  }

  async #agent(call: string, { id }: Endpoint): Promise<Machine> {
    await this.#called(call);
    const machine = this.machines.get(id);
    if (!machine) throw new Error(`No agent answers for ${id}.`);
    return machine;
  }

  async #called(name: string): Promise<void> {
    const number = this.calls.push(name) - 1;
    if (this.silent) await new Promise(() => {});
    if (number === this.failing) throw new Error(`${name} is made to fail`);
  }
}
