import { setTimeout as delay } from 'node:timers/promises';
import { configurationOf } from './configuration.ts';
import { askKeepalived, type KeepalivedState } from './keepalived-state.ts';
import type { Lab, LabNode } from './lab.ts';
import { unitNow } from './unit-now.ts';

/** Twice what checks take to rise where they begin with a failure. */
const STEADY_LIMIT_MS = 60_000;
/** A weighted check fails for good after this multiple of the time in which it counts as failed. */
const FALLEN_TIMES = 5;
/** HAProxy's peers try again after 5 s to reach each other (PEER_RECONNECT_TIMEOUT of haproxy/src/peers.c). */
const MEET_LIMIT_MS = 6000;
/** keepalived tells no change of its checks: it has to be asked. */
const ASK_AGAIN_MS = 200;

/** A pair that does not come to rest by itself; the message says what is missing. */
export class NotSteady extends Error {
  override readonly name = 'NotSteady';
}

/** One of a pair as its keepalived tells it; without a state it does not answer. */
export interface Member {
  readonly name: string;
  readonly vrrpIp: string;
  readonly keepalived: KeepalivedState | undefined;
}

/**
 * Has the machines of a pair confirm each other's MAC now. A kernel by itself waits with that until 5 s after it has used one that
 * it learned from another's question (arp(7), `delay_first_probe_time`).
 */
async function acquaint(lab: Lab): Promise<void> {
  const told = (node: LabNode) =>
    lab.nodes
      .filter(({ id }) => id !== node.id)
      .map(({ vrrp_ip }) => `${vrrp_ip} dev ${node.vrrp_interface}`)
      // A MAC that is not known is asked for, and one that is known is confirmed.
      .map((peer) => `neigh replace ${peer} use\nneigh change ${peer} nud probe\n`);
  await Promise.all(
    lab.nodes.map((node) =>
      lab.fabric.attempt({
        argv: lab.besideVip(node, 'ip', '-force', '-batch', '-'),
        stdin: told(node).join(''),
      }),
    ),
  );
}

/**
 * Resolves when a pair is as it stays: one is the master, the others hear it, and the checks of all have risen, or fail
 * for good and leave the election as it is. By then they know each other's MAC, for which keepalived's unicast advertisements
 * would wait. A MAC that is being confirmed (DELAY or PROBE, neighbour states of arp(7)) is forgotten when a peer dies just then. Where
 * HAProxy shares tables, its peers have met: they confirm it. An amphora that is alone has no keepalived. Where a health manager
 * replaces machines, it has heard them all.
 *
 * @param soon does not wait for the peers where they share no tables: by then the checks have run again
 * @returns how that is said, e.g. `amphora-1 MASTER, amphora-2 BACKUP`
 * @throws NotSteady
 */
export async function untilSteady(lab: Lab, soon = false): Promise<string> {
  const { nodes, timing } = lab;
  const [first] = nodes;
  await lab.heard?.(STEADY_LIMIT_MS).catch((cause: Error) => {
    throw new NotSteady(`The health manager has not heard every amphora. ${cause.message}`, { cause });
  });
  if (!first || nodes.length === 1) return 'an amphora alone';
  if (soon && !sharesTables(await configurationOf(lab, first))) await acquaint(lab);
  const startedMs = performance.now();
  const untilMs = startedMs + STEADY_LIMIT_MS;
  const fallenMs = FALLEN_TIMES * timing.checkIntervalMs * timing.checkFall;
  let fallenSinceMs: number | undefined;
  for (;;) {
    const members = await Promise.all(
      nodes.map(async (node) => ({
        name: node.instance.name,
        vrrpIp: node.vrrp_ip,
        keepalived: await askKeepalived(lab, node),
      })),
    );
    const meeting = performance.now() - startedMs < MEET_LIMIT_MS;
    const missing = unsteadiness(members) ?? (meeting ? strangers(members) : undefined);
    const said = members.map(({ name, keepalived }) => `${name} ${keepalived?.state}`).join(', ');
    const fallsOnly = unsteadiness(members.map(withoutFallen)) === undefined;
    fallenSinceMs = fallsOnly ? (fallenSinceMs ?? performance.now()) : undefined;
    const failsForGood = fallenSinceMs !== undefined && performance.now() - fallenSinceMs > fallenMs;
    if (missing === undefined || failsForGood) return said;
    if (performance.now() > untilMs) {
      const silent = nodes.find((_, n) => !members[n]?.keepalived);
      const why = silent && (await unitNow(lab.fabric, silent.instance, lab.unitOf('keepalived')));
      throw new NotSteady(
        `The pair was not steady ${STEADY_LIMIT_MS / 1000} s after clients were served: ${missing}.${why ? ` ${why}` : ''}`,
      );
    }
    await delay(ASK_AGAIN_MS);
  }
}

/** Whether HAProxy sends stick tables to its peers. */
export function sharesTables({ haproxy }: { readonly haproxy: string }): boolean {
  // One that is defined among the peers is a `table`.
  return /^\s*(stick-table\s.*\speers|table)\s/m.test(haproxy);
}

/** A machine without the checks that have failed as often as counts. */
export function withoutFallen({ keepalived, ...member }: Member): Member {
  const checks = keepalived?.checks.filter(({ fallen }) => !fallen) ?? [];
  return { ...member, keepalived: keepalived && { ...keepalived, checks } };
}

/** Who is not sure of the MAC of a peer yet; undefined where all are. */
export function strangers(members: readonly Member[]): string | undefined {
  const unknown = members.flatMap(({ name, keepalived }) =>
    (keepalived?.peers ?? [])
      .filter((ip) => !keepalived?.neighbours.includes(ip))
      .map((ip) => `${name} is not sure of the MAC of ${ip}`),
  );
  return unknown[0];
}

/** What keeps a pair from staying as it is; undefined when nothing does. */
export function unsteadiness(members: readonly Member[]): string | undefined {
  const silent = members.find(({ keepalived }) => !keepalived);
  if (silent) return `keepalived of ${silent.name} does not say how it is`;
  const known = members.flatMap(({ keepalived, ...rest }) =>
    keepalived ? [{ ...rest, ...keepalived }] : [],
  );
  const states = known.map(({ name, state }) => `${name} is ${state}`).join(', ');
  const [master, ...others] = known.filter(({ state }) => state === 'MASTER');
  const backups = known.filter(({ state }) => state === 'BACKUP');
  if (!master || others.length > 0 || backups.length !== known.length - 1) return states;
  for (const { name, master: heard, priority, preempts } of backups) {
    if (heard && heard.ip !== master.vrrpIp) return `${name} hears ${heard.ip} as its master`;
    if (heard && preempts && priority > heard.priority) return `${name} is about to take the VIP back`;
  }
  for (const { name, peers, vrrpIp } of known) {
    const wanted = known.map((each) => each.vrrpIp).filter((ip) => ip !== vrrpIp);
    if (peers.length > 0 && wanted.some((ip) => !peers.includes(ip)))
      return `${name} has ${peers.join(', ')} as its peers, and not ${wanted.join(', ')}`;
  }
  const failed = known.find(({ faults, unknown }) => faults + unknown > 0);
  if (failed) return `${failed.name} has checks that fail or have not ended once`;
  const rising = known.flatMap(({ name, checks }) =>
    checks.filter(({ risen }) => !risen).map((check) => `${check.name} of ${name} has not risen`),
  );
  return rising[0];
}
