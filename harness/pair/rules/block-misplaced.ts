import type { Statement } from '../../syntax/statement.ts';
import { type Found, rule } from '../rule.ts';

/** Blocks that stand in no other. */
const OUTERMOST = new Set([
  ...[
    'global_defs',
    'vrrp_instance',
    'vrrp_script',
    'vrrp_sync_group',
    'vrrp_track_process',
    'vrrp_track_file',
  ],
  ...['static_ipaddress', 'static_routes', 'static_rules', 'virtual_server', 'virtual_server_group'],
]);
/** Blocks of an instance or of its sync group. */
const OF_INSTANCE = new Set([
  ...['virtual_ipaddress', 'virtual_ipaddress_excluded', 'virtual_routes', 'virtual_rules', 'authentication'],
  ...['unicast_peer', 'track_interface', 'track_script', 'track_process', 'track_file'],
]);
const PARENTS = new Set(['vrrp_instance', 'vrrp_sync_group']);

export default rule({
  severity: 'error',
  title: 'A block stands inside another, or outside of the one that it belongs to.',

  check: ({ nodes }) => nodes.flatMap(({ statements }) => misplaced(statements)),
});

function misplaced(statements: readonly Statement[], outer?: Statement): readonly Found[] {
  return statements.flatMap((statement): readonly Found[] => {
    const { words, block, file, line } = statement;
    const [keyword = ''] = words;
    // A keyword with foreign characters is a mistake of its own.
    if (!block || /[^\w-]/.test(keyword)) return [];
    if (outer && OUTERMOST.has(keyword))
      return [
        {
          ...{ file, line },
          message: `${words.join(' ')} stands inside ${outer.words.join(' ')} (line ${outer.line}): keepalived does not know it there, and skips it.`,
          advice: `Close the block of ${outer.words.join(' ')} before it.`,
        },
      ];
    if (OF_INSTANCE.has(keyword) && !PARENTS.has(outer?.words[0] ?? ''))
      return [
        {
          ...{ file, line },
          message: `${keyword} stands ${outer ? `inside ${outer.words.join(' ')} (line ${outer.line})` : 'outside of every block'}: keepalived does not know it there, and skips it.`,
          advice:
            'Move it into the vrrp_instance that it is meant for; a closing brace may be missing or too many before it.',
        },
      ];
    return misplaced(block, statement);
  });
}
