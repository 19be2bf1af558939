import type { Fabric } from './fabric/fabric.ts';

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
  const add = { argv: [...ip, '-batch', '-'], stdin: batch(lines) };
  const [added] = await fabric.attempt(add);
  if (added?.exitCode === 0) return;
  // A name like `a` would be taken for a word of ip(8).
  const removal = batch(names.map((name) => `link delete dev ${name}`));
  // Some of them may go just now.
  await fabric.attempt({ argv: [...ip, '-force', '-batch', '-'], stdin: removal });
  await fabric.run(add);
}
