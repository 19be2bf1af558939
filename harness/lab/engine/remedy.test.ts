import test from 'ava';
import { engineRemedy } from './remedy.ts';

const linux = { platform: 'linux', kernel: '6.12.0' } as const;
const REMEDIES = {
  Debian: [{ ...linux, osRelease: 'NAME="Debian"\nID=debian\n' }, /apt-get install -y docker\.io .*usermod/],
  Ubuntu: [{ ...linux, osRelease: 'ID=ubuntu\nID_LIKE=debian\n' }, /apt-get install -y docker\.io/],
  Mint: [{ ...linux, osRelease: 'ID=linuxmint\nID_LIKE="ubuntu debian"\n' }, /apt-get install -y docker\.io/],
  Fedora: [
    { ...linux, osRelease: 'VERSION_ID=41\nID=fedora\n' },
    /dnf install -y moby-engine .*enable --now docker/,
  ],
  Rocky: [
    { ...linux, osRelease: 'ID="rocky"\nID_LIKE="rhel centos fedora"\n' },
    /dnf install -y podman .*podman\.socket/,
  ],
  Arch: [{ ...linux, osRelease: 'ID=arch\n' }, /pacman -S .*docker/],
  'another distribution': [{ ...linux, osRelease: 'ID=own\n' }, /^install and start Docker or Podman$/],
  'no distribution at all': [{ ...linux, osRelease: '' }, /^install and start Docker or Podman$/],
  'WSL 2': [
    { platform: 'linux', kernel: '5.15.0-microsoft-standard-WSL2', osRelease: 'ID=ubuntu\nID_LIKE=debian\n' },
    /Docker Desktop.*service docker start/,
  ],
  macOS: [{ platform: 'darwin', kernel: '24.0.0', osRelease: '' }, /colima start && colima ssh/],
} as const;

for (const [name, [machine, says]] of Object.entries(REMEDIES)) {
  test(`${name} gets an engine by a command of its own`, (t) => {
    t.regex(engineRemedy(machine), says);
  });
}
