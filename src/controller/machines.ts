import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { freeAddresses } from '../domain/free-addresses.ts';
import { canonical } from '../domain/schema/address.ts';
import type { Vip } from '../domain/vip.ts';
import type { ComputeInstance, ComputeService } from '../flows/compute.ts';
import type { NetworkService, SecurityGroupRule, VipPort } from '../flows/network.ts';
import { DEFAULT_HEALTH_MANAGER, HEARTBEAT_PORT } from '../health/settings.ts';

const machine = z.strictObject({
  /** The name on its certificate. */
  amphora_id: z.uuid(),
  agent_url: z.url({ protocol: /^https$/ }),
  lb_network_ip: z.union([z.ipv4(), z.ipv6()]),
  /** MAC of its NIC on the VIP's network, and its address there. */
  mac_address: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i, 'must be a MAC address'),
  vrrp_ip: z.union([z.ipv4(), z.ipv6()]),
  mtu: z.int().min(576).default(1500),
});
const schema = z.strictObject({
  /** PEM files: the agents' authority, and what the controller shows to them. */
  tls: z.strictObject({ ca: z.string(), cert: z.string(), key: z.string() }),
  subnet: z.strictObject({
    cidr: z.union([z.cidrv4(), z.cidrv6()]),
    gateway_ip: z.union([z.ipv4(), z.ipv6()]),
    host_routes: z.array(z.strictObject({ destination: z.string(), nexthop: z.string() })).default([]),
  }),
  machines: z.array(machine).min(1),
  /** Section [health_manager] of octavia.conf, as far as the watcher reads it; times in seconds. */
  health_manager: z
    .strictObject({
      bind_ip: z.union([z.ipv4(), z.ipv6()]).default('0.0.0.0'),
      bind_port: z.int().min(0).max(65_535).default(HEARTBEAT_PORT),
      heartbeat_key: z.string().min(1),
      heartbeat_timeout: z.number().positive().default(DEFAULT_HEALTH_MANAGER.heartbeat_timeout),
      health_check_interval: z.number().positive().default(DEFAULT_HEALTH_MANAGER.health_check_interval),
    })
    .optional(),
});

/** Amphorae that run already, and how they are reached. */
export type MachineFile = z.output<typeof schema>;
type Machine = z.output<typeof machine>;

/** The file of machines cannot be used; one sentence names the field. */
export class InvalidMachineFile extends Error {
  override readonly name = 'InvalidMachineFile';
}

/** Nobody is left to take over, or the load balancer does not say where its VIP is to be, or names another's address. */
export class NothingLeft extends Error {
  override readonly name = 'NothingLeft';
}

/** @throws InvalidMachineFile */
export async function readMachines(file: string): Promise<MachineFile> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InvalidMachineFile(`${file}: ${missing ? 'there is no such file' : (cause as Error).message}`, {
      cause,
    });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidMachineFile(`${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

/**
 * Compute and network where the machines are there already, with their NICs: a load balancer takes those that
 * are free. Nothing is booted, and what is let go is asked to stop serving.
 */
export class ExistingMachines implements ComputeService, NetworkService {
  readonly #file: MachineFile;
  readonly #inUse: () => ReadonlySet<string>;
  readonly #addresses: () => readonly string[];
  readonly #release: (machine: { readonly id: string; readonly agent_url: string }) => Promise<void>;
  readonly #onRules: (vip: Vip, rules: readonly SecurityGroupRule[]) => void;
  readonly #claims = new Map<string, Machine>();

  constructor(options: {
    readonly file: MachineFile;
    /** Ids of the amphorae that serve a load balancer. */
    readonly inUse: () => ReadonlySet<string>;
    /** Addresses of load balancers and their members: no new VIP may be one of them. */
    readonly addresses: () => readonly string[];
    readonly release: (machine: { readonly id: string; readonly agent_url: string }) => Promise<void>;
    /** Gets the rules of a security group, which this class does not enforce. */
    readonly onRules: (vip: Vip, rules: readonly SecurityGroupRule[]) => void;
  }) {
    this.#file = options.file;
    this.#inUse = options.inUse;
    this.#addresses = options.addresses;
    this.#release = options.release;
    this.#onRules = options.onRules;
  }

  async takeSpare(claim: string): Promise<ComputeInstance & { readonly amphoraId: string }> {
    const taken = new Set([...this.#inUse(), ...[...this.#claims.values()].map((known) => known.amphora_id)]);
    const found =
      this.#claims.get(claim) ?? this.#file.machines.find(({ amphora_id }) => !taken.has(amphora_id));
    if (!found) {
      throw new NothingLeft(`All ${this.#file.machines.length} machines of the file are in use.`);
    }
    this.#claims.set(claim, found);
    return instanceOf(found);
  }

  async boot({ amphoraId }: { readonly amphoraId: string }): Promise<ComputeInstance> {
    return instanceOf(this.#machine(amphoraId));
  }

  async delete(amphoraId: string): Promise<void> {
    const found = this.#machine(amphoraId);
    await this.#release({ id: amphoraId, agent_url: found.agent_url });
    for (const [claim, { amphora_id }] of this.#claims) {
      if (amphora_id === amphoraId) this.#claims.delete(claim);
    }
  }

  async allocateVip(request: { readonly loadBalancerId: string; readonly address?: string }): Promise<Vip> {
    const { cidr, gateway_ip, host_routes } = this.#file.subnet;
    const owners = [
      { vrrp_ip: gateway_ip, name: 'the gateway' },
      ...this.#file.machines.map(({ vrrp_ip, amphora_id }) => ({ vrrp_ip, name: `machine ${amphora_id}` })),
    ];
    const ip_address = request.address ?? this.#freeAddress(owners.map(({ vrrp_ip }) => vrrp_ip));
    const owner = owners.find(({ vrrp_ip }) => canonical(vrrp_ip) === canonical(ip_address));
    if (owner) throw new NothingLeft(`vip_address: ${ip_address} is the address of ${owner.name}.`);
    return {
      ...{ ip_address, port_id: request.loadBalancerId, subnet_cidr: cidr },
      ...{ gateway_ip, host_routes },
    };
  }

  /** In the file's subnet, for a VIP that says no address. */
  #freeAddress(taken: readonly string[]): string {
    const [address = ''] = freeAddresses(this.#file.subnet.cidr, [...taken, ...this.#addresses()], {
      ...{ count: 1, usual: [], what: 'a VIP' },
    });
    return address;
  }

  async deallocateVip(): Promise<void> {}

  async plugVipPort({ amphoraId }: { readonly amphoraId: string }): Promise<VipPort> {
    const { mac_address, vrrp_ip, mtu } = this.#machine(amphoraId);
    return { portId: mac_address, macAddress: mac_address, vrrpIp: vrrp_ip, mtu };
  }

  async unplugVipPort(): Promise<void> {}

  async updateSecurityGroup(vip: Vip, rules: readonly SecurityGroupRule[]): Promise<void> {
    this.#onRules(vip, rules);
  }

  #machine(amphoraId: string): Machine {
    const found = this.#file.machines.find(({ amphora_id }) => amphora_id === amphoraId);
    if (!found) throw new NothingLeft(`The file has no machine ${amphoraId}.`);
    return found;
  }
}

function instanceOf({ amphora_id, agent_url, lb_network_ip }: Machine) {
  return { amphoraId: amphora_id, computeId: amphora_id, agentUrl: agent_url, lbNetworkIp: lb_network_ip };
}
