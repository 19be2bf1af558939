import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { eachJson, eachLine } from '../streams/lines.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { type MachineDisk, StockMachineFailed } from './disks.ts';
import { MARK, SCRIPT_BYTES } from './plan.ts';

/**
 * A processor without what costs most to emulate: five levels of page tables; instructions that copy a byte a turn, which
 * the kernel and the C library take for fast (ERMS, and in family 15 REP_GOOD); and what is switched at each system call
 * and each change of processes (SMAP, PKU, MPX).
 */
const CPU = 'max,la57=off,erms=off,family=6,model=6,smap=off,pku=off,mpx=off';

/** A machine's own disk, a layer over the one that its release has, and what stands beside it. */
export interface GuestDisks {
  readonly base: MachineDisk;
  /** A qcow2 image, which holds the snapshots as well. */
  readonly own: string;
  /** A file system with the testbed; none where the machine only boots. */
  readonly payload: string;
  /** Receives what the machine's console shows. */
  readonly console: string;
}

/**
 * A machine that runs in qemu. Its clock counts instructions, so that its timing does not depend on how busy this
 * machine is.
 */
export class Guest implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly #script: string;
  readonly #monitor: Monitor;
  readonly #ended: Promise<never>;
  #heard: (line: string) => void = () => {};

  private constructor(
    stack: AsyncDisposableStack,
    parts: { readonly script: string; readonly monitor: Monitor; readonly ended: Promise<never> },
  ) {
    this.#stack = stack;
    this.#script = parts.script;
    this.#monitor = parts.monitor;
    this.#ended = parts.ended;
  }

  /**
   * Boots the machine, or has it go on from a snapshot.
   *
   * @param snapshot of an earlier {@link save}
   */
  static async start(disks: GuestDisks, snapshot: string | undefined, signal: AbortSignal): Promise<Guest> {
    await using stack = new AsyncDisposableStack();
    const { path: folder } = stack.use(await temporaryFolder('stock'));
    const script = join(folder, 'script');
    await writeFile(script, padded(''));
    const server = createServer().listen(join(folder, 'monitor'));
    stack.defer(() => void server.close());
    await once(server, 'listening');
    // biome-ignore format: one option a line reads best
    const qemu = execa('qemu-system-x86_64', [
      '-accel', 'tcg',
      // One nanosecond an instruction, and no waiting where the guest is idle.
      '-icount', 'shift=0,sleep=off',
      '-rtc', 'clock=vm',
      '-cpu', CPU,
      '-m', '2048',
      '-nodefaults', '-display', 'none', '-no-reboot', '-nic', 'none',
      '-kernel', disks.base.kernel,
      '-initrd', disks.base.initrd,
      '-append', 'root=/dev/vda rw console=ttyS0 panic=1 mitigations=off',
      // The processor itself waits for a disk: for another thread it would be idle, and skip seconds at every block.
      '-global', 'virtio-blk-pci.ioeventfd=off',
      '-drive', `file=${disks.own},if=virtio,format=qcow2,cache=unsafe,aio=io_uring`,
      '-drive', `file=${disks.payload},if=virtio,format=raw,readonly=on,aio=io_uring`,
      '-drive', `file=${script},if=virtio,format=raw,readonly=on,aio=io_uring`,
      '-serial', `file:${disks.console}`,
      '-device', 'virtio-serial',
      '-chardev', 'stdio,id=stock,signal=off',
      '-device', 'virtserialport,chardev=stock,name=stock',
      '-chardev', `socket,id=monitor,path=${join(folder, 'monitor')}`,
      '-mon', 'chardev=monitor,mode=control',
      ...(snapshot === undefined ? [] : ['-loadvm', snapshot]),
      // Where standard input ends, the guest finds its port closed, and waits for ever to write to it.
    ], { stdin: 'pipe', buffer: { stdout: false }, reject: false, cancelSignal: signal });
    stack.defer(async () => {
      qemu.kill();
      await qemu;
    });
    const ended = qemu.then(({ stderr }) => {
      signal.throwIfAborted();
      throw new StockMachineFailed(`qemu ended: ${stderr || `read ${disks.console}`}`);
    });
    ended.catch(() => {});
    const [socket] = (await Promise.race([once(server, 'connection'), ended])) as [Socket];
    const guest = new Guest(stack.move(), { script, monitor: new Monitor(socket), ended });
    void eachLine(qemu.stdout, (line) => guest.#heard(line));
    return guest;
  }

  /** Resolves once the machine has booted and waits for scripts. */
  waits(): Promise<void> {
    return this.#until(`${MARK} waits`, () => {});
  }

  /** Runs a script of the machine's. `onLine` gets each line that it prints, up to the one that begins so. */
  async run(text: string, last: string, onLine: (line: string) => void): Promise<void> {
    await Promise.all([this.#until(last, onLine), replaceScript(this.#script, text)]);
  }

  /** Keeps the whole machine as it is now, on its own disk. */
  save(snapshot: string): Promise<void> {
    return Promise.race([this.#monitor.command(`savevm ${snapshot}`), this.#ended]);
  }

  #until(last: string, onLine: (line: string) => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#heard = (line) => {
      onLine(line);
      if (line.startsWith(last)) resolve();
    };
    return Promise.race([promise, this.#ended]);
  }

  /** Ends it at once, as a power loss does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

interface Answer {
  readonly return?: string;
  readonly error?: { readonly desc: string };
}

/** The control socket of qemu (QMP): JSON, one message a line. */
class Monitor {
  readonly #socket: Socket;
  #answered: (answer: Answer) => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    void eachJson<Answer>(socket, (message) => {
      if ('return' in message || 'error' in message) this.#answered(message);
    });
    socket.write('{ "execute": "qmp_capabilities" }\n');
  }

  /** Runs a command that people type; it answers nothing where it succeeds. @throws StockMachineFailed */
  async command(line: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#answered = resolve;
    const message = { execute: 'human-monitor-command', arguments: { 'command-line': line } };
    this.#socket.write(`${JSON.stringify(message)}\n`);
    const answer = await promise;
    const problem = answer.error?.desc ?? answer.return;
    if (problem) throw new StockMachineFailed(`qemu could not run "${line}": ${problem.trim()}`);
  }
}

function padded(script: string): string {
  return script.padEnd(SCRIPT_BYTES, '\n');
}

/** Longer than a script's first line, and what a guest reads in one piece. */
const HEAD_BYTES = 512;

/**
 * Writes another script over the one that a guest's disk has. The disk keeps its size all the while: qemu may be opening it,
 * and fails every read of a disk that was empty then. A guest that sees the new first line finds the rest behind it.
 */
export async function replaceScript(disk: string, text: string): Promise<void> {
  const bytes = Buffer.from(padded(text));
  await using file = await open(disk, 'r+');
  await file.write(bytes, HEAD_BYTES, undefined, HEAD_BYTES);
  await file.write(bytes, 0, HEAD_BYTES, 0);
}

/** Makes an empty disk over another; what the machine writes goes there. It finds the other from any folder beside that one's. */
export async function layerOver(base: string, own: string): Promise<void> {
  const below = join('..', basename(dirname(base)), basename(base));
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', below, '-F', 'raw', own]);
}
