import { closest } from 'fastest-levenshtein';
import type { Controller } from '../controller/controller.ts';
import { objectsOf } from '../domain/objects.ts';
import { whole } from '../domain/schema/field.ts';
import { refuse } from '../domain/schema/invalid.ts';
import { type Call, enclosed, param, type Route } from './call.ts';
import type { View } from './views.ts';

const KINDS = ['loadbalancer', 'listener', 'member', 'pool', 'healthmonitor', 'l7policy', 'l7rule'] as const;
type Kind = (typeof KINDS)[number];
type Limits = Partial<Record<Kind, number>>;

/** No limit on anything (octavia/common/constants.py, QUOTA_UNLIMITED). */
const UNLIMITED = -1;
const limit = whole(UNLIMITED, 2_000_000_000);
/** Misspelt, and deprecated since Rocky; still taken and given. */
const OLD_NAMES: Readonly<Record<string, Kind>> = {
  load_balancer: 'loadbalancer',
  health_monitor: 'healthmonitor',
};

/** A project has as many objects as it may (Octavia answers 403). */
export class QuotaMet extends Error {
  override readonly name = 'QuotaMet';
}

/** How many objects projects may have; the store keeps it. */
export class Quotas {
  readonly #controller: Controller;

  constructor(controller: Controller) {
    this.#controller = controller;
  }

  /** @throws QuotaMet where a project would have more than it may */
  claim(project: string, wanted: Limits): void {
    const limits = this.#limits()[project];
    if (!limits) return;
    for (const kind of KINDS) {
      const allowed = limits[kind] ?? UNLIMITED;
      const more = wanted[kind] ?? 0;
      if (allowed === UNLIMITED || more === 0) continue;
      const used = this.#used(project, kind);
      if (used + more > allowed) {
        throw new QuotaMet(
          `Quota has been met for resources: ${kind}; project ${project} may have ${allowed}.`,
        );
      }
    }
  }

  #used(project: string, kind: Kind): number {
    const own = this.#controller.deployments.filter(
      ({ loadBalancer }) => loadBalancer.project_id === project,
    );
    if (kind === 'loadbalancer') return own.length;
    return own.flatMap(({ loadBalancer }) => objectsOf(loadBalancer)).filter((object) => object.kind === kind)
      .length;
  }

  /** Those that have been set, by project. */
  #limits(): Readonly<Record<string, Limits>> {
    return JSON.parse(this.#controller.recall('quotas') ?? '{}');
  }

  #keep(limits: Readonly<Record<string, Limits>>): void {
    this.#controller.remember('quotas', JSON.stringify(limits));
  }

  /** /lbaas/quotas (octavia/api/v2/controllers/quotas.py). */
  serve(route: Route): void {
    const view = (project_id: string, limits: Limits = {}): View => {
      const of = (kind: Kind) => limits[kind] ?? UNLIMITED;
      return {
        project_id,
        ...Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])),
        ...Object.fromEntries(Object.entries(OLD_NAMES).map(([name, kind]) => [name, of(kind)])),
        tenant_id: project_id,
      };
    };
    const project = (call: Call) => param(call, 'project');
    route('GET', 'lbaas/quotas', 200, () => ({
      quotas: Object.entries(this.#limits()).map(([id, limits]) => view(id, limits)),
      quotas_links: [],
    }));
    route('GET', 'lbaas/quotas/defaults', 200, () => ({ quota: view('defaults') }));
    route('GET', 'lbaas/quotas/:project/default', 200, (call) => ({ quota: view(project(call)) }));
    route('GET', 'lbaas/quotas/:project', 200, (call) => ({
      quota: view(project(call), this.#limits()[project(call)]),
    }));
    route('PUT', 'lbaas/quotas/:project', 202, (call) => {
      const known = this.#limits();
      const limits = { ...known[project(call)], ...limitsFrom(enclosed(call.body, 'quota')) };
      this.#keep({ ...known, [project(call)]: limits });
      return { quota: view(project(call), limits) };
    });
    route('DELETE', 'lbaas/quotas/:project', 202, (call) => {
      const { [project(call)]: _, ...others } = this.#limits();
      this.#keep(others);
    });
  }
}

function limitsFrom(given: Readonly<Record<string, unknown>>): Limits {
  return Object.fromEntries(
    Object.entries(given).map(([field, value]) => {
      const kind = OLD_NAMES[field] ?? KINDS.find((known) => known === field);
      if (!kind) refuse(field, `there is no such field; the nearest is "${closest(field, [...KINDS])}"`);
      const found = value === null ? UNLIMITED : limit.read(value);
      if (found === undefined) refuse(field, `${limit.allowed}; found ${JSON.stringify(value)}`);
      return [kind, found];
    }),
  );
}
