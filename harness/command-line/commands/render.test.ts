import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../../project.ts';
import { EXIT, explain } from '../errors.ts';
import { render } from './render.ts';

const EXAMPLES = join(PROJECT_ROOT, 'examples');

test('the rocky profile gives the texts of Octavia Rocky, word for word', async (t) => {
  const out = await mkdtemp(join(tmpdir(), 'amphora-testbed-render-'));
  try {
    await render({
      loadBalancer: join(EXAMPLES, 'load-balancer.json'),
      profile: 'rocky',
      split: true,
      out,
    });
    const golden = join(EXAMPLES, 'rocky');
    const files = (folder: string) => readdir(folder, { recursive: true }).then((names) => names.sort());
    t.deepEqual(await files(out), await files(golden));
    const texts = (await files(golden)).filter((name) => /\.(cfg|conf|service)$/.test(name));
    t.is(texts.length, 10, 'five texts an amphora');
    for (const name of texts) {
      t.is(await readFile(join(out, name), 'utf8'), await readFile(join(golden, name), 'utf8'), name);
    }
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});

test('a subnet without room for the amphorae is refused by its name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-render-'));
  try {
    const loadBalancer = join(folder, 'small.json');
    await writeFile(loadBalancer, '{ "vip_address": "203.0.113.253", "subnet_cidr": "203.0.113.252/30" }');
    const refused = await t.throwsAsync(render({ loadBalancer, profile: 'current', out: folder }));
    t.is(explain(refused).code, EXIT.usage);
    t.regex(refused?.message ?? '', /^subnet_cidr: must have room for 2 amphorae/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
