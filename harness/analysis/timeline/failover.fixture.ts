import type { LabObservation, Observation } from '../../observations/observation.ts';

const FAULT_NS = 1_700_000_000_000_000_000n;

/** The instant this many milliseconds after the fault. */
export const ns = (ms: number): string => String(FAULT_NS + BigInt(Math.round(ms * 1e6)));

export const master = { node: 'amphora-1', vrrpIp: '172.16.1.3', mac: 'fa:16:3e:00:00:01' };
export const backup = { node: 'amphora-2', vrrpIp: '172.16.1.7', mac: 'fa:16:3e:00:00:02' };
export const VIP = '172.16.1.10';

export const fault: LabObservation = {
  kind: 'lab',
  what: 'fault',
  name: 'power loss',
  node: master.node,
  atNs: ns(0),
  doneNs: ns(2),
};

/** One request each 10 ms: answered by the master until `lastMs`, by the backup from `firstMs` on. */
export function requests(lastMs: number, firstMs: number): Observation[] {
  return Array.from({ length: 600 }, (_, sequence): Observation => {
    const atMs = -1000 + sequence * 10;
    const servedBy = atMs <= lastMs ? master.vrrpIp : atMs >= firstMs ? backup.vrrpIp : undefined;
    const common = {
      kind: 'request',
      atNs: ns(atMs),
      dueNs: ns(atMs),
      endNs: ns(atMs + 1),
      sequence,
    } as const;
    return servedBy
      ? { ...common, outcome: 'answered', servedBy }
      : { ...common, outcome: 'failed', failure: 'timeout' };
  });
}
