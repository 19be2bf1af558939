import test from 'ava';
import { EngineUnavailable } from './engine.ts';
import { unaided } from './install.ts';
import { engineRemedy, type Machine } from './remedy.ts';

const linux = { platform: 'linux', kernel: '6.12.0', hasPodman: false, isRoot: false } as const;
const DEBIAN = { ...linux, osRelease: 'NAME="Debian"\nID=debian\n' };
const WSL = { ...linux, kernel: '5.15.0-microsoft-standard-WSL2', osRelease: 'ID=ubuntu\nID_LIKE=debian\n' };
const NOTHING = new EngineUnavailable('no container engine was found: run `npm run setup`');
const REMEDIES = {
  Debian: [DEBIAN, /apt-get install -y docker\.io .*enable --now docker .*usermod/],
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
  'WSL 2': [WSL, /Docker Desktop.*service docker start/],
  macOS: [{ ...linux, platform: 'darwin', kernel: '24.0.0', osRelease: '' }, /colima start && colima ssh/],
  'a user who has Podman': [
    { ...DEBIAN, hasPodman: true },
    /^run `systemctl --user enable --now podman\.socket`$/,
  ],
  'root who has Podman': [
    { ...DEBIAN, hasPodman: true, isRoot: true },
    /^run `systemctl enable --now podman\.socket`$/,
  ],
} as const;

for (const [name, [machine, says]] of Object.entries(REMEDIES)) {
  test(`${name} gets an engine by a command of its own`, (t) => {
    t.regex(engineRemedy(NOTHING, machine), says);
  });
}

const refused = (host: string, code: string) =>
  new EngineUnavailable(
    `no container engine was found; ${host} does not answer (${code}): run \`npm run setup\``,
    {
      refusals: [{ host, code }],
    },
  );
const DOCKER = 'unix:///var/run/docker.sock';

test('where an engine is there, setup says what is wrong with it, and how this user gets at it', (t) => {
  const cases: readonly (readonly [EngineUnavailable, Machine, RegExp])[] = [
    [
      refused(DOCKER, 'EACCES'),
      DEBIAN,
      /sock does not answer \(EACCES\): run `sudo usermod -aG docker "\$USER" && newgrp/,
    ],
    [
      refused(DOCKER, 'ECONNREFUSED'),
      DEBIAN,
      /: run `sudo systemctl restart docker`, then run `npm run setup`$/,
    ],
    [refused(DOCKER, 'ECONNREFUSED'), WSL, /: run `sudo service docker restart`, then/],
    [
      refused('unix:///run/podman/podman.sock', 'ECONNREFUSED'),
      DEBIAN,
      /: run `sudo systemctl restart podman\.socket`, then/,
    ],
    [
      refused('unix:///run/podman/podman.sock', 'EACCES'),
      { ...DEBIAN, hasPodman: true },
      /--user enable --now podman/,
    ],
    [
      NOTHING,
      DEBIAN,
      /^no container engine was found, and only root on Debian.*: run `sudo apt-get install.*`, then run/,
    ],
  ];
  for (const [error, machine, says] of cases) {
    const { message } = unaided(error, machine);
    t.regex(message, says);
    // One thing to run, then the set-up.
    t.is(message.match(/\brun `/g)?.length, 2, message);
  }
});
