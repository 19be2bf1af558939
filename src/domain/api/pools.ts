import type { HealthMonitor, Member, Pool } from '../load-balancer.ts';
import { InvalidLoadBalancer, refuse, UnknownReference } from '../schema/invalid.ts';
import type { Given } from '../schema/schema.ts';
import { asksByHttp, CHECK_DEFAULTS, encrypted } from './defaults.ts';

/** Gives an object its id, by its place. */
export type Naming = (place: string) => string;

/** Names are looked up once every pool is known: others may stand further down in the file. */
export type Later<T> = () => T;

/** The load balancer's pools, those nested in listeners and policies among them. */
export class Pools {
  readonly all: Pool[];
  readonly #naming: Naming;

  constructor(known: readonly Pool[], naming: Naming) {
    this.all = [...known];
    this.#naming = naming;
  }

  add(given: Given['pool'], place: string): Pool {
    const added = poolOf(given, place, this.#naming);
    this.all.push(added);
    return added;
  }

  /** The id of the pool that is nested at a place, or referred to there. */
  refer(
    nested: Given['nestedPool'] | undefined,
    wantedId: string | undefined,
    place: string,
  ): Later<string | undefined> {
    if (nested?.protocol) {
      const { id } = this.add({ ...nested, protocol: nested.protocol }, place);
      return () => id;
    }
    if (nested?.name !== undefined) return () => this.#find('name', nested.name, place);
    if (nested && nested.id === undefined) {
      refuse(fieldOf(place), 'must be a pool, or { "name": … } or { "id": … } of one');
    }
    const id = nested?.id ?? wantedId;
    return () => (id === undefined ? undefined : this.#find('id', id, place));
  }

  #find(key: 'id' | 'name', wanted: string | undefined, place: string): string {
    const found = this.all.find((pool) => pool[key] === wanted);
    if (found) return found.id;
    const known = this.all.map((pool) => pool[key]).filter((value) => value !== undefined);
    const message = `${fieldOf(place)}: no pool is called "${wanted}"${known.length > 0 ? `; there are ${known.join(', ')}` : ''}`;
    throw key === 'id' ? new UnknownReference(message) : new InvalidLoadBalancer(message);
  }
}

/** `listeners/0/default_pool` as `listeners[0].default_pool`. */
export function fieldOf(place: string): string {
  return place
    .replaceAll(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
    .replace(/^\./, '');
}

function poolOf(given: Given['pool'], place: string, naming: Naming): Pool {
  const { id, members, healthmonitor, ...rest } = given;
  return {
    ...encrypted(rest, given.tls_enabled),
    id: id ?? naming(place),
    members: members.map((entry, n) => memberOf(entry, `${place}/members/${n}`, naming)),
    healthmonitor: healthmonitor && monitorOf(healthmonitor, `${place}/healthmonitor`, naming),
  };
}

export function memberOf(given: Given['member'], place: string, naming: Naming): Member {
  return { ...given, id: given.id ?? naming(place) };
}

/** @throws InvalidLoadBalancer where it has fields of HTTP checks only */
export function monitorOf(given: Given['healthMonitor'], place: string, naming: Naming): HealthMonitor {
  if (!asksByHttp(given)) {
    for (const field of Object.keys(CHECK_DEFAULTS) as (keyof typeof CHECK_DEFAULTS)[]) {
      if (given[field] === undefined) continue;
      refuse(fieldOf(`${place}/${field}`), `only HTTP and HTTPS monitors have it; this one is ${given.type}`);
    }
  }
  return filled({ ...given, id: given.id ?? naming(place) });
}

/** With the defaults of an HTTP check. */
export function filled(monitor: Given['healthMonitor'] & { readonly id: string }): HealthMonitor {
  const { http_method, url_path, expected_codes } = CHECK_DEFAULTS;
  return {
    ...monitor,
    http_method: monitor.http_method ?? http_method,
    url_path: monitor.url_path ?? url_path,
    expected_codes: monitor.expected_codes ?? expected_codes,
  };
}
