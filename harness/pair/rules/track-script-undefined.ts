import { each } from '../../syntax/statement.ts';
import type { Node } from '../configuration/pair.ts';
import type { Tracked } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'An instance tracks a script that is not defined, or only further down.',

  check: ({ nodes }) =>
    nodes.flatMap((node) =>
      node.vrrp.instances.flatMap(({ name, tracked }) =>
        tracked
          .filter(({ defined }) => !defined)
          .map((missing) => ({
            ...{ file: missing.file, line: missing.line },
            ...said(node, name, missing),
          })),
      ),
    ),
});

function said(
  { statements }: Node,
  instance: string,
  { kind, name }: Tracked,
): { readonly message: string; readonly advice: string } {
  const keyword = kind === 'script' ? 'vrrp_script' : 'vrrp_track_process';
  const definitions = each(statements, keyword);
  const definition = definitions.find(({ words }) => words[1] === name);
  const start = `${instance} tracks ${name},`;
  if (definition && (kind !== 'script' || each(definition.block, 'script').length > 0))
    return {
      message: `${start} which is defined only further down (${definition.file}:${definition.line}): keepalived does not know it yet, and ignores it.`,
      advice: `Move ${keyword} ${name} above what tracks it.`,
    };
  const others = definitions.map(({ words }) => words[1]).join(', ');
  return {
    message: `${start} and there is no ${definition ? 'script line in this' : 'such'} ${keyword}: keepalived ignores it.`,
    advice: others === '' || definition ? `Define ${keyword} ${name}.` : `Name one of: ${others}.`,
  };
}
