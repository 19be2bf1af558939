import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { EngineUnavailable, PODMAN_SOCKET, SYSTEM_SOCKET } from './engine.ts';
import { programPath } from './private-engine.ts';

/** What is known of the machine that lacks an engine. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  /** As uname(2) has it. */
  readonly kernel: string;
  /** The text of os-release(5); empty where there is none. */
  readonly osRelease: string;
  /** Whether Podman is installed, and a systemd that starts it. */
  readonly hasPodman: boolean;
  readonly isRoot: boolean;
}

const MAY_USE = 'sudo usermod -aG docker "$USER" && newgrp docker';
const START = 'sudo systemctl enable --now';
/** By the names of distributions in ID and ID_LIKE of os-release(5), the nearest first. */
const BY_NAME: Readonly<Record<string, string>> = {
  debian: `sudo apt-get install -y docker.io && ${START} docker && ${MAY_USE}`,
  fedora: `sudo dnf install -y moby-engine && ${START} docker && ${MAY_USE}`,
  arch: `sudo pacman -S --noconfirm docker && ${START} docker && ${MAY_USE}`,
};
/** RHEL and what is built from it say that they are like Fedora, and have no Docker. */
const RHEL = `sudo dnf install -y podman && ${START} podman.socket && sudo -s`;
const WSL = 'sudo apt-get install -y docker.io && sudo service docker start';

/** How a user gets an engine on this machine: a clause with the command. */
export function engineRemedy(
  error: Error,
  { platform, kernel, osRelease, hasPodman, isRoot }: Machine,
): string {
  if (platform === 'darwin') {
    return 'the testbed runs on Linux: run `brew install colima && colima start && colima ssh`, and go on in that machine';
  }
  const isWsl = /microsoft/i.test(kernel);
  const [refusal] = error instanceof EngineUnavailable ? error.refusals : [];
  const restarted = { [SYSTEM_SOCKET]: 'docker', [PODMAN_SOCKET]: 'podman.socket' }[
    refusal?.host.slice('unix://'.length) ?? ''
  ];
  if (restarted === 'docker' && refusal?.code === 'EACCES') return `run \`${MAY_USE}\``;
  if (restarted && refusal?.code !== 'EACCES')
    return `run \`${isWsl ? 'sudo service docker restart' : `sudo systemctl restart ${restarted}`}\``;
  // It starts with the first connection, and an ordinary user has one of their own (systemd.socket(5)).
  if (hasPodman && !isWsl) return `run \`systemctl${isRoot ? '' : ' --user'} enable --now podman.socket\``;
  if (isWsl) {
    return `switch on the WSL integration of Docker Desktop, or run \`${WSL}\``;
  }
  const names = ['ID', 'ID_LIKE'].flatMap(
    (key) => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(osRelease)?.[1]?.split(' ') ?? [],
  );
  const known = names.includes('rhel') ? RHEL : names.map((name) => BY_NAME[name]).find(Boolean);
  return known === undefined ? 'install and start Docker or Podman' : `run \`${known}\``;
}

/** This machine. */
export function thisMachine(): Machine {
  let osRelease = '';
  try {
    osRelease = readFileSync('/etc/os-release', 'utf8');
  } catch {
    // Linux without it is rare; the remedy is a general one then.
  }
  return {
    ...{ platform: process.platform, kernel: release(), osRelease },
    hasPodman: programPath('podman') !== undefined && existsSync('/run/systemd/system'),
    isRoot: process.getuid?.() === 0,
  };
}
