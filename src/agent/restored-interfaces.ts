import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import pRetry from 'p-retry';
import { PATHS } from '../templates/paths.ts';
import { configure, type Link, links, moveIn, sameMac } from './links.ts';
import type { PluggedInterface } from './plugged-interface.ts';

/** How long a boot waits for the earlier NICs. */
const NIC_LIMIT_MS = 20_000;
const NIC_LOOK_MS = 50;

/**
 * Plugs again what was plugged before a reboot. NICs may appear after the boot began, as hot-plugged ones
 * do; one that does not within {@link NIC_LIMIT_MS} is skipped and reported.
 */
export async function restoreInterfaces(): Promise<void> {
  if (!existsSync(PATHS.interfaces)) return;
  const files = (await readdir(PATHS.interfaces)).filter((file) => file.endsWith('.json')).sort();
  const recorded = await Promise.all(
    files.map(
      async (file) => JSON.parse(await readFile(`${PATHS.interfaces}/${file}`, 'utf8')) as PluggedInterface,
    ),
  );
  const missing = new Set(recorded);
  const restore = async () => {
    const [inside, outside] = await Promise.all([links(true), links(false)]);
    for (const plugged of missing) {
      const present = (link: Link) => sameMac(link.address, plugged.mac_address);
      const nic = outside.find(present);
      if (!nic && !inside.some(present)) continue;
      if (nic) await moveIn(nic.ifname, plugged.name);
      await configure(plugged);
      missing.delete(plugged);
    }
    if (missing.size > 0) throw new Error('not all interfaces have come back');
  };
  // `ip monitor` does not report when it begins to listen: looking again is safer.
  await pRetry(restore, { retries: NIC_LIMIT_MS / NIC_LOOK_MS, minTimeout: NIC_LOOK_MS, factor: 1 }).catch(
    (error: unknown) => process.stderr.write(`${(error as Error).message}\n`),
  );
  for (const { name, mac_address } of missing) {
    process.stderr.write(`${name}: no interface with MAC ${mac_address} has come back\n`);
  }
}
