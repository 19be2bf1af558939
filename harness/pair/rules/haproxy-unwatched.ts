import { bindsOf } from '../configuration/binds.ts';
import { nodeOf, sharedRouters, shown, together } from '../configuration/pair.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'Nothing watches HAProxy.',

  check: (pair) =>
    sharedRouters(pair)
      .flat()
      .filter((instance) => bindsOf(nodeOf(pair, instance)).length > 0)
      .filter((instance) =>
        together(pair, instance).every(({ tracked }) => tracked.every(({ kind }) => kind === 'interface')),
      )
      .map((instance) => ({
        ...{ file: instance.file, line: instance.line },
        message: `${shown(instance)} tracks nothing that would notice a dead HAProxy: the VIP stays where clients are refused.`,
        advice: 'Define a vrrp_script that asks HAProxy, and name it in track_script.',
      })),
});
