import { trackedScripts } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'No instance tracks a check.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) => {
      const tracked = trackedScripts(vrrp);
      return vrrp.scripts
        .filter((script) => !tracked.includes(script))
        .map(({ name, file, line }) => ({
          ...{ file, line },
          message: `${name} is in no track_script of an instance or of its sync group: keepalived does not run it.`,
          advice: `Name ${name} in track_script inside the vrrp_instance, or remove it.`,
        }));
    }),
});
