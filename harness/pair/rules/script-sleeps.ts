import { commandsOf, shellTextOf } from '../configuration/scripts.ts';
import { withoutComments } from '../configuration/shell.ts';
import { rule } from '../rule.ts';

const SLEEP = /(?:^|[;&|\s])sleep\s+(\d+(?:\.\d+)?)s?\b/gm;

export default rule({
  severity: 'warning',
  title: 'A check sleeps until keepalived ends it.',

  check: ({ nodes }) =>
    nodes.flatMap((node) =>
      commandsOf(node).flatMap((command) => {
        const script = node.vrrp.scripts.find(({ name }) => command.isCheck && name === command.name);
        if (!script) return [];
        const text = withoutComments(shellTextOf(command) ?? '');
        const longest = Math.max(0, ...[...text.matchAll(SLEEP)].map(([, seconds]) => Number(seconds)));
        const endsMs = (script.timeoutMs ?? script.intervalMs).value;
        if (longest * 1000 < endsMs) return [];
        const { file, line, name, path } = command;
        return [
          {
            ...{ file, line },
            message: `${name} sleeps ${longest} s${path === undefined ? '' : ` (${path})`}, and keepalived ends it after ${endsMs / 1000} s: a run that sleeps has failed, whatever it would find.`,
            advice: `Remove the sleep, or write a timeout above ${longest} and an interval above that.`,
          },
        ];
      }),
    ),
});
