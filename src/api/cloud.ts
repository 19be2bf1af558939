import type { Controller } from '../controller/controller.ts';
import type { LoadBalancer } from '../domain/load-balancer.ts';
import { NotFound } from '../domain/objects.ts';
import { refuse } from '../domain/schema/invalid.ts';
import { param, type Route } from './call.ts';
import { chosen, listed } from './listing.ts';
import { NotImplemented } from './not-implemented.ts';
import type { View } from './views.ts';

/** Drivers that a load balancer may ask for: there is but one, under two names. */
export const PROVIDERS: Readonly<Record<string, string>> = {
  amphora: 'The Octavia Amphora driver.',
  octavia: 'Deprecated alias of the Octavia Amphora driver.',
};

const TOPOLOGY = {
  name: 'loadbalancer_topology',
  description: 'SINGLE: one amphora. ACTIVE_STANDBY: two, one of which stands by.',
};

/** Flavors are how Octavia's clients choose a topology; there is one for each, and no others. */
const FLAVORS = (['SINGLE', 'ACTIVE_STANDBY'] as const).map((topology, n) => ({
  topology,
  id: `f1a00000-0000-4000-8000-00000000000${n + 1}`,
  profile: `f1a00000-0000-4000-8000-00000000001${n + 1}`,
  name: topology.toLowerCase().replace('_', '-'),
}));

/** @throws InvalidLoadBalancer */
export function flavorOf(
  id: string | undefined,
): { readonly topology: LoadBalancer['topology'] } | undefined {
  if (id === undefined) return undefined;
  const flavor = FLAVORS.find((known) => known.id === id);
  if (!flavor)
    refuse('flavor_id', `must be one of ${FLAVORS.map((known) => known.id).join(', ')}; found ${id}`);
  return flavor;
}

/** Providers, flavors and availability zones, so far as a load balancer is made with them. */
export function cloud(controller: Controller, route: Route): void {
  route('GET', 'lbaas/providers', 200, (call) => ({
    providers: Object.entries(PROVIDERS).map(([name, description]) => chosen(call, { name, description })),
  }));
  for (const [path, capabilities] of [
    ['flavor_capabilities', [TOPOLOGY]],
    ['availability_zone_capabilities', []],
  ] as const) {
    route('GET', `lbaas/providers/:provider/${path}`, 200, (call) => {
      const provider = param(call, 'provider');
      if (!(provider in PROVIDERS)) throw new NotFound(`There is no provider ${provider}.`);
      return { [path]: capabilities };
    });
  }
  collection(route, { path: 'flavors', name: 'flavor', key: 'id' }, () =>
    FLAVORS.map(({ id, name, profile, topology }) => ({
      ...{ id, name, enabled: true, flavor_profile_id: profile },
      description: `A load balancer of topology ${topology}.`,
    })),
  );
  collection(route, { path: 'flavorprofiles', name: 'flavorprofile', key: 'id' }, () =>
    FLAVORS.map(({ name, profile, topology }) => ({
      ...{ id: profile, name, provider_name: 'amphora' },
      flavor_data: JSON.stringify({ loadbalancer_topology: topology }),
    })),
  );
  // Nothing is placed by zones here: there are those that load balancers have named.
  collection(
    route,
    {
      path: 'availabilityzones',
      name: 'availability_zone',
      plural: 'availability_zones',
      key: 'name',
    },
    () => {
      const names = controller.deployments.map(({ loadBalancer }) => loadBalancer.availability_zone);
      return [...new Set(names.filter((name) => name !== undefined))].map((name) => ({
        ...{ name, description: '', enabled: true, availability_zone_profile_id: null },
      }));
    },
  );
  collection(
    route,
    {
      path: 'availabilityzoneprofiles',
      name: 'availability_zone_profile',
      plural: 'availability_zone_profiles',
      key: 'id',
    },
    () => [],
  );
}

/** What can be read, and neither made nor changed. */
function collection(
  route: Route,
  { path, name, plural = path, key }: { path: string; name: string; plural?: string; key: string },
  all: () => readonly View[],
): void {
  route('GET', `lbaas/${path}`, 200, (call) => {
    const views = all();
    const columns = [...new Set(views.flatMap((view) => Object.keys(view)))];
    const rows = views.map((view) => ({ view }));
    return listed(call, plural, rows, columns.length > 0 ? columns : [key, 'id', 'name']);
  });
  route('GET', `lbaas/${path}/:id`, 200, (call) => {
    const found = all().find((view) => view[key] === param(call, 'id'));
    if (!found) throw new NotFound(`There is no ${name} ${param(call, 'id')}.`);
    return { [name]: chosen(call, found) };
  });
  const fixed = () => {
    throw new NotImplemented(`This controller's ${plural} cannot be changed.`);
  };
  route('POST', `lbaas/${path}`, 201, fixed);
  route('PUT', `lbaas/${path}/:id`, 200, fixed);
  route('DELETE', `lbaas/${path}/:id`, 204, fixed);
}
