import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { GOLDEN_UNITS, goldenCases } from '../../../src/golden/golden.fixture.ts';
import { NotUnpacked, unpackDebian } from '../../lab/images/unpacked-debian.ts';
import { EnvironmentFailed } from '../../run/environment.ts';

/** Debian's release with an Octavia that has no renderers for one HAProxy per listener any more. */
const RELEASE = 'trixie';
const PACKAGES = ['python3-octavia'];
const RENDERER = join(import.meta.dirname, 'render.py');

/** What a renderer made of a load balancer. */
interface Rendered {
  readonly version: string;
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Has Octavia's own renderers render the load balancers and the units of src/golden, in a Debian that is thrown away
 * afterwards, and writes what they made.
 *
 * @param octavia a git repository whose HEAD is laid over Debian's Octavia; Debian's alone, where absent
 * @returns the version, for people
 * @throws EnvironmentFailed where Debian's packages cannot be had
 */
export async function makeGolden(out: string, octavia?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-golden-'));
  try {
    const tree = join(folder, 'octavia');
    await mkdir(tree);
    if (octavia) {
      const { stdout } = await execa('git', ['-C', octavia, 'archive', 'HEAD', 'octavia'], {
        encoding: 'buffer',
      });
      await execa('tar', ['-x', '-C', tree], { input: stdout });
    }
    const cases = [...goldenCases(), GOLDEN_UNITS].map((one) => `${JSON.stringify(one)}\n`);
    await writeFile(join(folder, 'cases.jsonl'), cases.join(''));
    await renderIn(folder, tree);
    const lines = (await readFile(join(folder, 'rendered.jsonl'), 'utf8')).trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as Rendered);
    for (const { name, files } of all) {
      for (const [file, text] of Object.entries(files)) await writeFile(join(out, `${name}.${file}`), text);
    }
    const version = all[0]?.version;
    if (!octavia) return `python3-octavia ${version} of Debian ${RELEASE}`;
    const { stdout } = await execa('git', ['-C', octavia, 'log', '-1', '--format=%h of %cs']);
    return `openstack/octavia ${stdout}, with the packages of Debian ${RELEASE}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Leaves `rendered.jsonl` in the folder. */
async function renderIn(folder: string, tree: string): Promise<void> {
  const inside = 'PYTHONHASHSEED=0 PYTHONPATH=/tmp/octavia chroot "$1" python3 -W ignore /tmp/render.py';
  try {
    await unpackDebian({
      release: RELEASE,
      packages: PACKAGES,
      into: '/dev/null',
      hooks: [
        `copy-in ${tree} ${RENDERER} /tmp`,
        `${inside} < ${folder}/cases.jsonl > ${folder}/rendered.jsonl`,
      ],
    });
  } catch (cause) {
    if (!(cause instanceof NotUnpacked)) throw cause;
    throw new EnvironmentFailed(`Upstream's renderers did not run: ${cause.message}`, { cause });
  }
}
