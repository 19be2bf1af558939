import type { Lab, LabNode } from './lab.ts';

/** The state that keepalived reports; fields that its version lacks are absent. */
export interface KeepalivedState {
  /** `MASTER`, `BACKUP`, `FAULT` … */
  readonly state: string;
  /** In BACKUP: whom it hears, and with which priority. */
  readonly master?: { readonly ip: string; readonly priority: number };
  readonly priority: number;
  readonly preempts: boolean;
  readonly peers: readonly string[];
  /** Addresses whose MAC the machine knows, and is not about to confirm: where nobody confirms it, it is forgotten. */
  readonly neighbours: readonly string[];
  /** Interfaces and scripts that have failed, and scripts that have not ended once. */
  readonly faults: number;
  readonly unknown: number;
  /** Each check script: whether its next failures are all still to come, and whether it has failed as often as counts. */
  readonly checks: readonly { readonly name: string; readonly risen: boolean; readonly fallen: boolean }[];
}

/** Asks keepalived of a machine; undefined where it does not run or does not answer. */
export async function askKeepalived(lab: Lab, { instance }: LabNode): Promise<KeepalivedState | undefined> {
  const [, command = ''] = lab.processesOf('keepalived');
  const dump = await lab.fabric.keepalived({ pid: instance.pid, command });
  if (!dump) return undefined;
  // keepalived is where the VIP is, which an amphora has in a namespace.
  const [known] = await lab.fabric.attempt({
    argv: ['nsenter', `--net=/proc/${dump.pid}/ns/net`, 'ip', 'neigh'],
  });
  return known?.exitCode === 0 ? readState(dump.text, known.stdout) : undefined;
}

/**
 * Reads such a dump (vrrp_data.c, vrrp_print.c); of several instances the first.
 *
 * @param known what ip(8) says of the neighbours
 */
export function readState(dump: string, known: string): KeepalivedState | undefined {
  const [instance = ''] = dump.split(/^ VRRP Instance = /m).slice(1);
  const field = (name: string, text = instance) => new RegExp(`^ +${name} = (.*)$`, 'm').exec(text)?.[1];
  const state = field('State');
  if (state === undefined) return undefined;
  const number = (name: string, text = instance) => Number.parseInt(field(name, text) ?? '0', 10);
  const master = field('Master router');
  const peers = /^ +Unicast Peer :\n((?: {5}.*\n)*)/m.exec(instance)?.[1] ?? '';
  return {
    state,
    ...(master !== undefined && { master: { ip: master, priority: number('Master priority') } }),
    priority: number('Effective priority'),
    preempts: field('Preempt') !== 'disabled',
    peers: [...peers.matchAll(/^ +(\S+)/gm)].map(([, ip = '']) => ip),
    neighbours: [...known.matchAll(/^(\S+) .*\blladdr .*\b(?:REACHABLE|STALE|PERMANENT)\s*$/gm)].map(
      ([, ip = '']) => ip,
    ),
    faults: number('Number of interface and track script faults'),
    unknown: number('Number of track scripts init'),
    checks: dump
      .split(/^ VRRP Script = /m)
      .slice(1)
      .map((script) => {
        const full = number('Rise', script) + number('Fall', script) - 1;
        const whole = field('Result', script) === undefined || number('Result', script) >= full;
        const status = field('Status', script);
        const fallen = status === 'BAD' && number('Result', script) === 0;
        return { name: script.split('\n', 1)[0] ?? '', risen: status === 'GOOD' && whole, fallen };
      }),
  };
}
