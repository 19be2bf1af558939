import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { exists, type MachineDisk } from './disks.ts';
import { Guest, layerOver } from './guest.ts';
import { commandsFor, type EngineName, guestScript, MARK, type MachineName, SETUP } from './plan.ts';

/** The snapshots that a machine's own disk may hold: as it has booted, and as the last check left it. */
const BOOTED = 'booted';
const READY = 'ready';

/** A disk of a machine that has booted and waits for scripts: every engine begins there. */
async function bootedDisk(
  { base, payload, cache }: StockCell,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const own = join(dirname(base.root), 'booted.qcow2');
  if (await exists(own)) return own;
  say(`booting it once`);
  const half = `${own}.half`;
  await layerOver(base.root, half);
  await using guest = await Guest.start(
    { base, own: half, payload, console: join(cache, `${basename(dirname(base.root))}.log`) },
    undefined,
    signal,
  );
  await guest.waits();
  await guest.save(BOOTED);
  await rename(half, own);
  return own;
}

/** An engine on a machine. */
export interface StockCell {
  readonly machine: MachineName;
  readonly engine: EngineName;
  readonly base: MachineDisk;
  /** From {@link payloadDisk}. */
  readonly payload: string;
  readonly cache: string;
}

/** Whether the machine can go on as the last check left it: it has been set up with this package. */
export async function goesOn({ machine, engine, payload, cache }: StockCell): Promise<boolean> {
  const folder = cellFolder(cache, machine, engine);
  const kept = await readFile(join(folder, PACKAGE), 'utf8').catch(() => undefined);
  return kept === (await madeAt(payload)) && (await exists(join(folder, OWN_DISK)));
}

const OWN_DISK = 'disk.qcow2';
/** When the package was made that a machine has been set up with. */
const PACKAGE = 'package';

function cellFolder(cache: string, machine: MachineName, engine: EngineName): string {
  return join(cache, `${machine}-${engine}`);
}

async function madeAt(payload: string): Promise<string> {
  return (await stat(payload)).mtime.toISOString();
}

/**
 * Runs checks on a machine, one after the other, and keeps the machine after each command.
 *
 * @param checks in their order; the set-up makes what the others need
 * @param fresh whether the machine begins as it was after its boot; otherwise as the last check left it, see {@link goesOn}
 * @param onLine called with each line that the guest prints
 */
export async function runChecks(
  cell: StockCell,
  { checks, fresh }: { readonly checks: readonly string[]; readonly fresh: boolean },
  told: { readonly say: (line: string) => void; readonly onLine: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const { machine, engine, base, payload, cache } = cell;
  const folder = cellFolder(cache, machine, engine);
  await mkdir(folder, { recursive: true });
  const own = join(folder, OWN_DISK);
  if (fresh) {
    await rm(join(folder, PACKAGE), { force: true });
    await execa('cp', ['--sparse=always', await bootedDisk(cell, told.say, signal), own]);
  }
  // A check may take an hour: its lines can be followed there.
  const lines = createWriteStream(join(folder, 'lines.log'), { flags: fresh ? 'w' : 'a' });
  let isSetUp = true;
  const onLine = (line: string) => {
    lines.write(`${line}\n`);
    const [, , ended, exitCode] = line.split(' ');
    if (line.startsWith(`${MARK} end`) && ended === SETUP) isSetUp = exitCode === '0';
    told.onLine(line);
  };
  const made = await madeAt(payload);
  await using guest = await Guest.start(
    { base, own, payload, console: join(folder, 'console.log') },
    fresh ? BOOTED : READY,
    signal,
  );
  for (const command of commandsFor(checks)) {
    await guest.run(guestScript(engine, command), `${MARK} end`, onLine);
    await guest.save(READY);
    // Nothing of what follows could run.
    if (!isSetUp) return;
    await writeFile(join(folder, PACKAGE), made);
  }
}
