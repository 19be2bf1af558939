import type { Fabric } from './fabric/fabric.ts';

/** How ip(8) names the line of a batch that failed, from 1. */
const FAILED_LINE = /^Command failed -:(\d+)$/gm;

/**
 * Adds links in place of equal ones that may still be there: the kernel takes its time to remove those of a network
 * namespace that has ended, as that of a machine without power.
 *
 * @param ip the program, with the namespace that it works in
 * @param names of the links
 * @param lines for ip(8), which add them
 * @throws FabricError
 */
export async function addAnew(
  fabric: Pick<Fabric, 'attempt' | 'run'>,
  ip: readonly string[],
  names: readonly string[],
  lines: readonly string[],
): Promise<void> {
  const batch = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
  // A name like `a` would be taken for a word of ip(8).
  const removal = names.map((name) => `link delete dev ${name}`);
  const [done] = await fabric.attempt({
    argv: [...ip, '-force', '-batch', '-'],
    stdin: batch([...removal, ...lines]),
  });
  if (done?.exitCode === 0) return;
  const failed = [...(done?.stderr ?? '').matchAll(FAILED_LINE)].map(([, line]) => Number(line));
  // Those that are not there cannot be removed.
  if (failed.length > 0 && failed.every((line) => line <= removal.length)) return;
  await fabric.run({ argv: [...ip, '-batch', '-'], stdin: batch(lines) });
}
