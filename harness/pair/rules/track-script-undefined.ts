import { rule } from '../rule.ts';

export default rule({
  severity: 'error',
  title: 'An instance tracks a script that is not defined.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp: { instances, scripts } }) =>
      instances.flatMap(({ name, tracked }) =>
        tracked
          .filter(
            ({ kind, name: wanted }) =>
              kind === 'script' && scripts.every((script) => script.name !== wanted),
          )
          .map((missing) => ({
            ...{ file: missing.file, line: missing.line },
            message: `${name} tracks ${missing.name}, and there is no such vrrp_script: keepalived ignores it.`,
            advice:
              scripts.length > 0
                ? `Name one of: ${scripts.map((script) => script.name).join(', ')}.`
                : `Define vrrp_script ${missing.name}.`,
          })),
      ),
    ),
});
