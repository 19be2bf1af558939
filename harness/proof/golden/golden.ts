import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { processesOf } from '../../../src/driver/haproxy-process.ts';
import {
  GOLDEN_UNITS,
  type GoldenCase,
  goldenCases,
  renderedUnits,
} from '../../../src/golden/golden.fixture.ts';
import { NotUnpacked, unpackDebian } from '../../lab/images/unpacked-debian.ts';
import { RENDERER } from '../../lab/renderers/python-renderer.ts';
import {
  haproxyRequest,
  keepalivedRequest,
  type RenderRequest,
} from '../../lab/renderers/render-requests.ts';
import { EnvironmentFailed } from '../../run/environment.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/** Debian's release with an Octavia that has no renderers for one HAProxy per listener any more. */
const RELEASE = 'trixie';
const PACKAGES = ['python3-octavia'];

/**
 * Has Octavia's own renderers render the load balancers and the units of src/golden, in a Debian that is thrown away
 * afterwards, and writes what they made.
 *
 * @param octavia a git repository whose HEAD is laid over Debian's Octavia; Debian's alone, where absent
 * @returns the version, for people
 * @throws EnvironmentFailed where Debian's packages cannot be had, or something cannot be rendered
 */
export async function makeGolden(out: string, octavia?: string): Promise<string> {
  await using made = await temporaryFolder('golden');
  const folder = made.path;
  const tree = join(folder, 'octavia');
  await mkdir(tree);
  if (octavia) {
    const { stdout } = await execa('git', ['-C', octavia, 'archive', 'HEAD', 'octavia'], {
      encoding: 'buffer',
    });
    await execa('tar', ['-x', '-C', tree], { input: stdout });
  }
  const wanted = [...goldenCases().flatMap(configurations), ...units()];
  await writeFile(
    join(folder, 'requests.jsonl'),
    wanted.map(([, line]) => `${JSON.stringify(line)}\n`),
  );
  await renderIn(folder, tree);
  const lines = (await readFile(join(folder, 'rendered.jsonl'), 'utf8')).trim().split('\n');
  const [{ version } = {}, ...rendered] = lines.map((line) => JSON.parse(line));
  for (const [n, [file]] of wanted.entries()) {
    const { text, error } = rendered[n] ?? { error: 'it ended early' };
    if (text === undefined) throw new EnvironmentFailed(`Upstream did not render ${file}: ${error}.`);
    await writeFile(join(out, file), text);
  }
  if (!octavia) return `python3-octavia ${version} of Debian ${RELEASE}`;
  const { stdout } = await execa('git', ['-C', octavia, 'log', '-1', '--format=%h of %cs']);
  return `openstack/octavia ${stdout}, with the packages of Debian ${RELEASE}`;
}

/** The files of a load balancer by their names, with the requests that make them. */
function configurations(one: GoldenCase): (readonly [string, RenderRequest])[] {
  const { name, loadBalancer, vip, additionalVips, amphorae, group } = one;
  const [amphora] = amphorae;
  const [process] = processesOf(loadBalancer, '1.0');
  if (!amphora) return [];
  const settings = DEFAULT_SETTINGS;
  const served = { loadBalancer, vipAddress: vip.ip_address, amphora, amphorae, settings };
  const pair = { amphora, amphorae, vip, additionalVips, group, settings };
  return [
    ...(process ? [[`${name}.haproxy.cfg`, haproxyRequest({ ...served, process })] as const] : []),
    ...(loadBalancer.topology === 'ACTIVE_STANDBY'
      ? [[`${name}.keepalived.conf`, keepalivedRequest(pair)] as const]
      : []),
  ];
}

function units(): (readonly [string, RenderRequest])[] {
  return Object.keys(renderedUnits()).map((make) => [
    `${GOLDEN_UNITS.name}.${make}`,
    { ...GOLDEN_UNITS, make },
  ]);
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
        `${inside} < ${folder}/requests.jsonl > ${folder}/rendered.jsonl`,
      ],
    });
  } catch (cause) {
    if (!(cause instanceof NotUnpacked)) throw cause;
    throw new EnvironmentFailed(`Upstream's renderers did not run: ${cause.message}`, { cause });
  }
}
