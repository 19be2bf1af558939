import { parseMembers } from '../domain/api/parse.ts';
import { refuseMember } from '../domain/api/pool-rules.ts';
import type { LoadBalancer, Member } from '../domain/load-balancer.ts';
import { poolIn, replaced, required } from '../domain/objects.ts';
import type { Change, PlannedChange } from '../domain/planned-change.ts';
import { refuse } from '../domain/schema/invalid.ts';

/**
 * A batch. A member is known by where it listens; what the batch does not say of a known one becomes the default, but
 * for its name, its tags and its subnet (octavia/api/v2/controllers/member.py).
 *
 * @throws InvalidLoadBalancer, Conflict, NotFound
 */
export function planMembers(
  before: LoadBalancer,
  { pool: poolId, value, additive = false }: Extract<Change, { action: 'replace members' }>,
): PlannedChange {
  const { parents } = required(before, poolId);
  const pool = poolIn(before, poolId);
  const given = parseMembers(value);
  const updated = new Map<string, Member>();
  const created: Member[] = [];
  for (const [n, { member, fields }] of given.entries()) {
    const known = pool.members.find(
      ({ address, protocol_port }) => address === member.address && protocol_port === member.protocol_port,
    );
    if (!known) created.push(member);
    else if (updated.has(known.id)) {
      refuse(`members[${n}]`, `${member.address}, port ${member.protocol_port} is in the batch twice`);
    } else {
      const kept = (['name', 'tags', 'subnet_id'] as const).filter((field) => !fields.includes(field));
      updated.set(known.id, {
        ...member,
        ...Object.fromEntries(kept.map((field) => [field, known[field]])),
        id: known.id,
      });
    }
  }
  const members = [...pool.members.map((member) => updated.get(member.id) ?? member), ...created];
  const after = { ...pool, members };
  for (const [n, { member }] of given.entries()) {
    const found = created.includes(member) ? member : undefined;
    if (found) refuseMember(before, after, found, `members[${n}]`);
  }
  const deleted = additive ? [] : pool.members.map(({ id }) => id).filter((id) => !updated.has(id));
  return {
    action: 'batch',
    object: 'member',
    loadBalancer: replaced(before, poolId, after),
    created: created.map(({ id }) => id),
    updated: [...updated.keys()],
    deleted,
    parents: [poolId, ...parents],
  };
}
