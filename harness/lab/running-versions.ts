import { PROGRAMS, type Program } from '../system/system.ts';
import type { Lab, LabNode } from './lab.ts';

/** Asks the binary of the oldest process of each name for its version; says nothing where none runs. */
const ASK =
  'for program; do pid=$(pgrep -o -x "$program") && "/proc/$pid/exe" -v 2>&1 | head -n 1; done; true';

/** How each program begins its answer to `-v`. */
const ANSWERS: Readonly<Record<Program, RegExp>> = {
  keepalived: /^Keepalived v([^\s,]+)/m,
  haproxy: /^HA-?Proxy version ([^\s,]+)/m,
};

/**
 * The versions of what runs in an amphora, read from the very binaries of its processes: a package's version may be
 * that of another file.
 */
export async function runningVersions(lab: Lab, amphora: LabNode): Promise<Partial<Record<Program, string>>> {
  const [asked] = await lab.fabric.run({ argv: lab.inside(amphora, 'sh', '-c', ASK, 'sh', ...PROGRAMS) });
  const found = PROGRAMS.flatMap((program) => {
    const version = ANSWERS[program].exec(asked?.stdout ?? '')?.[1];
    return version === undefined ? [] : [[program, version] as const];
  });
  return Object.fromEntries(found);
}
