import { fileAt } from '../configuration/overlay.ts';
import { trackedScripts } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'enable_script_security needs a user that is not named.',

  check: ({ nodes }) =>
    nodes.flatMap(({ overlay, vrrp }) => {
      const { scriptSecurity, scriptUser } = vrrp;
      if (!scriptSecurity || scriptUser !== undefined) return [];
      if (/^keepalived_script:/m.test(fileAt(overlay, '/etc/passwd')?.text ?? '')) return [];
      return trackedScripts(vrrp)
        .filter(({ user }) => user === undefined)
        .map(({ name, command: { file, line } }) => ({
          ...{ file, line },
          message: `${name} has no user, and enable_script_security asks for one: where the user keepalived_script does not exist, keepalived drops the check.`,
          advice: 'Name script_user in global_defs, or create the system user keepalived_script.',
        }));
    }),
});
