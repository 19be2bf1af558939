import { HAPROXY_CFG, KEEPALIVED_CONF } from './configuration/overlay.ts';
import type { Node } from './configuration/pair.ts';
import type { Finding } from './rule.ts';

/** What a daemon's own check of its configuration gave. */
export interface DaemonAnswer {
  readonly exitCode: number;
  readonly output: string;
}

/** A daemon that can check its configuration. */
interface Daemon {
  readonly argv: readonly string[];
  readonly file: string;
  readonly severity: Finding['severity'];
  /** A complaint in its output: path, line and what is wrong. */
  readonly complaint: RegExp;
  readonly advice: string;
}

/** The daemons' own checks, by the name of the finding. */
export const DAEMONS = {
  'keepalived-t': {
    argv: ['keepalived', '--config-test'],
    file: KEEPALIVED_CONF,
    // keepalived starts nevertheless, without what it does not understand.
    severity: 'warning',
    // The name of the first file may be left out.
    complaint: /\((?:(\/[^:\s]+): )?Line (\d+)\) (.+)$/,
    advice: 'keepalived.conf(5) has the keywords of this version.',
  },
  'haproxy-c': {
    argv: ['haproxy', '-c', '-f', `/${HAPROXY_CFG}`],
    file: HAPROXY_CFG,
    severity: 'error',
    complaint: /\[ALERT\].*?\[(\/[^:\]]+):(\d+)\]\s*:\s*(.+)$/,
    advice: 'HAProxy does not start with it.',
  },
} as const satisfies Readonly<Record<string, Daemon>>;
export type DaemonName = keyof typeof DAEMONS;

export function isDaemon(rule: string): rule is DaemonName {
  return Object.hasOwn(DAEMONS, rule);
}

/** A complaint of keepalived about an instance, without a line. */
const ABOUT_INSTANCE = /^\((\S+)\) (.+)$/;
/** What a rule finds too, with the line. */
const COVERED = /nopreempt will not work with initial state MASTER/;
/** What to do about complaints that are no mistakes of a line. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/script_security not enabled/, 'Write script_user root and enable_script_security in global_defs.'],
];
/** Processes that a signal ends have an exit code above this one. */
const SIGNALLED = 128;

/**
 * The complaints of a daemon about a node's configuration.
 *
 * @returns undefined where it gave no answer: keepalived 2.2.7 ends itself where the user of a script is not root
 */
export function complaintsOf(
  rule: DaemonName,
  { name: node, vrrp }: Pick<Node, 'name' | 'vrrp'>,
  { exitCode, output }: DaemonAnswer,
): readonly Finding[] | undefined {
  if (exitCode === 0) return [];
  const { file, severity, complaint, advice }: Daemon = DAEMONS[rule];
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !COVERED.test(line));
  const found = lines.flatMap((text): Finding[] => {
    const [, path, line, message] = complaint.exec(text) ?? [];
    const [, about, what = ''] = ABOUT_INSTANCE.exec(text.trim()) ?? [];
    const instance = rule === 'keepalived-t' && vrrp.instances.find(({ name }) => name === about);
    if (instance)
      return [{ rule, severity, advice, file: instance.file, line: instance.line, message: what.trim() }];
    if (message === undefined) return [];
    const where = `${node}${path ?? `/${file}`}`;
    return [{ rule, severity, advice, file: where, line: Number(line), message: message.trim() }];
  });
  if (found.length > 0) return onePerLine(found);
  if (exitCode > SIGNALLED) return undefined;
  const message = lines.at(-1)?.trim() ?? `it ended with ${exitCode}, and said nothing.`;
  const [, known = advice] = KNOWN.find(([pattern]) => pattern.test(message)) ?? [];
  return [{ rule, severity, advice: known, file: `${node}/${file}`, line: 1, message }];
}

/** keepalived may say two things of a line. */
function onePerLine(found: readonly Finding[]): readonly Finding[] {
  const lines = Map.groupBy(found, ({ file, line }) => `${file}:${line}`);
  return [...lines.values()].flatMap((all) => {
    const [first] = all;
    return first ? [{ ...first, message: all.map(({ message }) => message).join('; ') }] : [];
  });
}

/** The page that explains a finding. */
export function pageOf({ rule: name }: Pick<Finding, 'rule'>): string {
  return isDaemon(name) ? 'docs/pairs.md' : `docs/rules/${name}.md`;
}
