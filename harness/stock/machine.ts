import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { exists, type MachineDisk } from './disks.ts';
import { Guest, layerOver } from './guest.ts';
import { commandsFor, type EngineName, guestScript, MARK, type MachineName } from './plan.ts';

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

/**
 * Runs checks on a machine, one after the other, and keeps the machine after each command.
 *
 * @param checks in their order; the set-up makes what the others need
 * @param fresh whether the machine begins as it was after its boot, and not as an earlier run's last check left it
 * @param onLine called with each line that the guest prints
 */
export async function runChecks(
  cell: StockCell,
  { checks, fresh }: { readonly checks: readonly string[]; readonly fresh: boolean },
  told: { readonly say: (line: string) => void; readonly onLine: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const { machine, engine, base, payload, cache } = cell;
  const folder = join(cache, `${machine}-${engine}`);
  await mkdir(folder, { recursive: true });
  const own = join(folder, 'disk.qcow2');
  const begins = fresh || !(await exists(own));
  if (begins) await execa('cp', ['--sparse=always', await bootedDisk(cell, told.say, signal), own]);
  // A check may take an hour: its lines can be followed there.
  const lines = createWriteStream(join(folder, 'lines.log'), { flags: begins ? 'w' : 'a' });
  const onLine = (line: string) => {
    lines.write(`${line}\n`);
    told.onLine(line);
  };
  await using guest = await Guest.start(
    { base, own, payload, console: join(folder, 'console.log') },
    begins ? BOOTED : READY,
    signal,
  );
  for (const command of commandsFor(checks)) {
    await guest.run(guestScript(engine, command), `${MARK} end`, onLine);
    await guest.save(READY);
  }
}
