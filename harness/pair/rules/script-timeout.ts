import { trackedScripts } from '../configuration/vrrp.ts';
import { rule } from '../rule.ts';

export default rule({
  severity: 'warning',
  title: 'A check may run as long as its interval, or longer.',

  check: ({ nodes }) =>
    nodes.flatMap(({ vrrp }) =>
      trackedScripts(vrrp).flatMap(({ name, intervalMs, timeoutMs }) =>
        timeoutMs && timeoutMs.value >= intervalMs.value
          ? [
              {
                ...{ file: timeoutMs.file, line: timeoutMs.line },
                message: `${name} may take ${timeoutMs.value / 1000} s, and is due every ${intervalMs.value / 1000} s: while one run hangs, keepalived skips the next or starts a second beside it, depending on its version.`,
                advice: 'Make timeout shorter than interval.',
              },
            ]
          : [],
      ),
    ),
});
