import type { AgentName } from './under-test.ts';

/** What a lab and its faults must know of an amphora's agent: all that differs between agents stands here. */
export interface AgentDescription {
  /** Finds all of its processes, and nothing else, among an amphora's command lines (pkill(1), --full). */
  readonly processes: string;
  /** Gives the NICs in the VIP's namespace their addresses and routes again, as the agent's unit does at a boot. */
  readonly restoreInterfaces: readonly string[];
  /** The longest that a new amphora takes from the decision to build it until it serves, where the machine is busy. */
  readonly replacementMaxMs: number;
  /** The longest that it takes to stop or to start HAProxy, where the machine is busy. */
  readonly serviceMaxMs: number;
  /** What it cannot do that a lab may ask for, or undefined where it can. */
  cannot(wish: { readonly heartbeatIntervalS?: number | undefined }): string | undefined;
}

export const AGENTS: Readonly<Record<AgentName, AgentDescription>> = {
  own: {
    processes: '/opt/amphora-agent/agent.cjs',
    restoreInterfaces: ['/usr/local/bin/plug-interfaces'],
    replacementMaxMs: 10_000,
    serviceMaxMs: 1500,
    cannot: () => undefined,
  },
  octavia: {
    processes: 'bin/amphora-agent --config-file',
    restoreInterfaces: ['ip', 'netns', 'exec', 'amphora-haproxy', 'amphora-interface', 'up', 'all'],
    // Python starts for the agent, and again for each interface that is plugged.
    replacementMaxMs: 20_000,
    // On two busy processors: 1.3 s to stop it, 1.0 s to start it, and 4.9 s until a new amphora has announced the VIP.
    serviceMaxMs: 4000,
    cannot: ({ heartbeatIntervalS }) =>
      // An IntOpt, and its sender ends where it cannot be read (octavia/common/config.py, health_daemon.py).
      Number.isInteger(heartbeatIntervalS ?? 1)
        ? undefined
        : `upstream's agent takes whole seconds as heartbeat_interval; the scenario has ${heartbeatIntervalS} s.`,
  },
};

/** Whether a command line is that of an agent. */
export function isAgent(command: string): boolean {
  return Object.values(AGENTS).some(({ processes }) => command.includes(processes));
}
