import { each, type Statement, within } from '../../syntax/statement.ts';
import { KEEPALIVED_CONF, sourceOf } from '../configuration/overlay.ts';
import type { Node } from '../configuration/pair.ts';
import { type Found, rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'An instance has no virtual address.',

  check: ({ nodes }) => nodes.flatMap((node) => [...withoutInstance(node), ...withoutAddress(node)]),
});

function withoutInstance({ name, overlay, statements, vrrp }: Node): readonly Found[] {
  const source = sourceOf(overlay, KEEPALIVED_CONF);
  if (!source || vrrp.instances.length > 0 || statements.some(mentionsInstance)) return [];
  return [
    {
      ...{ file: source.file, line: 1 },
      message: `keepalived.conf of ${name} defines no vrrp_instance: nothing moves when a node fails.`,
      advice: 'Define a vrrp_instance with a virtual_ipaddress, or copy the file that defines it.',
    },
  ];
}

/** Whether an instance is meant, though keepalived does not read it as one: other rules say why. */
function mentionsInstance({ text, block = [] }: Statement): boolean {
  return text.includes('vrrp_instance') || block.some(mentionsInstance);
}

/** Where a script moves an address of the provider's, keepalived needs none. */
function withoutAddress(node: Node): readonly Found[] {
  return node.vrrp.instances.flatMap((instance) => {
    const { name, addresses, version, strict, file, line } = instance;
    const statement = each(node.statements, 'vrrp_instance').find(({ words }) => words[1] === name);
    if (within(statement?.block, 'virtual_ipaddress').length > 0) return [];
    const refuses = version.value === 3 || strict !== undefined;
    const byScript = node.vrrp.notifies.some((notify) => /^notify(_master)?$/.test(notify.keyword));
    if (!refuses && (addresses.length > 0 || byScript)) return [];
    return [
      {
        ...{ file, line },
        message: refuses
          ? `${name} announces no address: keepalived leaves the instance out, as ${version.value === 3 ? 'VRRP 3' : 'vrrp_strict'} asks for one.`
          : `${name} has no virtual address: nothing moves when ${node.name} fails.`,
        advice: 'Write the address that clients ask into virtual_ipaddress.',
      },
    ];
  });
}
