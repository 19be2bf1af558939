import { basename } from 'node:path/posix';
import { fileAt } from '../configuration/overlay.ts';
import { commandsOf } from '../configuration/scripts.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'A script uses killall, and the package psmisc is not named.',

  check: ({ nodes, settings }) =>
    nodes
      .filter(({ overlay }) => !settings.packages.includes('psmisc') && !fileAt(overlay, '/usr/bin/killall'))
      .flatMap(commandsOf)
      .filter(
        ({ words: [program = ''], script }) =>
          basename(program) === 'killall' || /^[^#]*\bkillall\b/m.test(script?.text ?? ''),
      )
      .map(({ file, line, name, isCheck }) => ({
        ...{ file, line },
        message: `${name} needs killall, which Debian has in psmisc: neither keepalived nor haproxy brings it.${isCheck ? ' The lab has it. Where it is absent, keepalived drops the check, and a dead service moves nothing.' : ''}`,
        advice:
          'Install psmisc and name it under packages in pair.yaml; or use track_process, which needs no program.',
      })),
});
