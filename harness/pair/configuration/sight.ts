import { bindsOf } from './binds.ts';
import { ownAddresses } from './own-addresses.ts';
import { type Command, codeOf, commandsOf, whyItCannotFail } from './scripts.ts';

/** What a check notices of the HAProxy beside it; a `hang` is noticed by what notices a death as well. */
export type Sight = 'hang' | 'death' | 'nothing' | 'unknown';

export interface Sees {
  readonly sight: Sight;
  /** What it does, as the end of a sentence that begins with its name. */
  readonly because: string;
  /** It ends by itself so long after it has begun to wait for an answer; absent where only keepalived ends it. */
  readonly givesUpMs?: number;
}

/** What runs in a line, and what it notices. A later row counts only where no earlier one does. */
const PROBES: readonly (readonly [RegExp, Sight, string])[] = [
  [
    /\b(?:systemctl|service|rc-service)\b.*\b(?:re)?start\b|init\.d\/\S+\s+(?:re)?start\b/,
    'unknown',
    'starts services by itself',
  ],
  [
    /\b(?:systemctl|service)\b.*\bstop\b|\bp?kill(?:all)?\s+(?!.*-0\b)|init\.d\/\S+\s+stop\b/,
    'unknown',
    'stops services by itself',
  ],
  [/\b(?:curl|wget|httping)\b/, 'hang', 'asks HAProxy for a page'],
  [/\bopenssl\s+s_client\b/, 'hang', 'opens a TLS session with HAProxy'],
  [/\bshow\s+(?:stat|info)\b.*\|\s*(?:grep|awk)\b/, 'hang', "asks HAProxy's stats socket"],
  [/\b(?:killall|pkill|kill)\b.*-0\b/, 'death', 'looks whether the process exists'],
  [/\b(?:pidof|pgrep)\b|\bps\b.*\bgrep\b|\bps\b.*-C\b/, 'death', 'looks whether the process exists'],
  [
    /\bsystemctl\s+(?:\S+\s+)*?(?:is-active|status|is-failed)\b|\bservice\s+\S+\s+status\b/,
    'death',
    'asks systemd',
  ],
  [
    /\b(?:nc|ncat|netcat|nmap|telnet)\b|\/dev\/tcp\//,
    'death',
    'opens a connection, which the kernel accepts',
  ],
  [/\b(?:ss|netstat|lsof)\b/, 'death', 'looks whether the port is open'],
  [/\b(?:f?ping6?|arping)\b/, 'nothing', 'pings, and does not look at HAProxy'],
  [/\[\s+!?\s*-[efsr]\s|\btest\s+!?\s*-[efsr]\s/, 'nothing', 'looks at a file, and not at HAProxy'],
];

/**
 * Classifies what a check notices of HAProxy. Only what its text shows is claimed: another language, a program of the
 * user and a host that is not the node's are unknown.
 */
export function sightOf(command: Command): Sees {
  const cannotFail = whyItCannotFail(command);
  if (cannotFail !== undefined) return { sight: 'nothing', because: `cannot fail: ${cannotFail}` };
  const code = codeOf(command);
  if (code === undefined) return { sight: 'unknown', because: 'is a program that is not known' };
  const [pattern, sight, because] = PROBES.find(([probe]) => probe.test(code)) ?? [];
  if (!pattern || !sight || !because)
    return { sight: 'unknown', because: 'does something that is not known' };
  if (sight !== 'hang' && sight !== 'death') return { sight, because };
  const elsewhere = asksElsewhere(command, code);
  if (elsewhere !== undefined) return { sight: 'unknown', because: elsewhere };
  const limits = LIMITS.flatMap((limit) => {
    const [, seconds] = limit.exec(code) ?? [];
    return seconds === undefined ? [] : [Number(seconds) * 1000];
  });
  return { sight, because, ...(limits.length > 0 && { givesUpMs: Math.min(...limits) }) };
}

/** How a command bounds itself, in seconds: curl(1), wget(1) and timeout(1). */
const LIMITS = [
  /\bcurl\b.*\s(?:-[a-zA-Z]*m|--max-time)[\s=]*(\d+(?:\.\d+)?)/,
  /\bwget\b.*\s(?:-[a-zA-Z]*T|--timeout)[\s=]*(\d+(?:\.\d+)?)/,
  /(?:^|[\s;&|(/])timeout\s+(?:-\S+\s+)*(\d+(?:\.\d+)?)s?\s/,
];

/**
 * So long the check of a node's first instance waits for a HAProxy that does not answer, ms, if keepalived does not end
 * it earlier; undefined where nobody knows.
 */
export function checkWaitsMs(node: Command['node']): number | undefined {
  const [instance] = node.vrrp.instances;
  const first = instance?.tracked.find(({ kind }) => kind === 'script')?.name;
  const script = node.vrrp.scripts.find(({ name }) => name === first);
  const command = commandsOf(node).find(({ isCheck, name }) => isCheck && name === first);
  if (!script || !command) return undefined;
  const { sight, givesUpMs } = sightOf(command);
  return sight === 'hang' ? (givesUpMs ?? (script.timeoutMs ?? script.intervalMs).value) : undefined;
}

/** Why what a check asks is not HAProxy on its own node, as far as that is written. */
function asksElsewhere({ node }: Command, code: string): string | undefined {
  const ports = new Set(bindsOf(node).map(({ port }) => port));
  const url = /\bhttps?:\/\/(\[[^\]]*\]|[^/:\s"']+)(?::(\d+))?/.exec(code);
  if (url) {
    const [, host = '', port = code.includes('https://') ? '443' : '80'] = url;
    if (!isOwnHost(node, host)) return `asks ${host}, which may be another machine`;
    return ports.size > 0 && !ports.has(port)
      ? `asks port ${port}, where HAProxy does not listen`
      : undefined;
  }
  // A name in a variable, or a socket's path, is taken for HAProxy's where the text names HAProxy.
  if (/\[?h\]?aproxy/i.test(code)) return undefined;
  const named = [...code.matchAll(/\b\d{2,5}\b/g)].map(([number]) => number);
  return named.some((number) => ports.has(number)) ? undefined : 'does not name HAProxy or a port of it';
}

function isOwnHost(node: Command['node'], written: string): boolean {
  const host = written.replace(/^\[|\]$/g, '');
  return (
    /^(?:localhost|127\.[\d.]+|::1|0\.0\.0\.0|\$.*)$/.test(host) ||
    ownAddresses(node).some(({ address }) => address === host) ||
    node.vrrp.instances.some(({ addresses }) => addresses.some(({ address }) => address === host))
  );
}
