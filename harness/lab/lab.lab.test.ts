import test from 'ava';
import { DEFAULT_SETTINGS } from '../../src/domain/settings.ts';
import { AmphoraLab } from './amphora-lab.ts';
import { findEngine } from './engine/engine.ts';
import { LABEL } from './engine/labels.ts';
import { requireImages } from './images/images.ts';
import { defaultLoadBalancer } from './load-balancer.ts';
import { untilServed } from './service.ts';

const LIMIT_MS = 60_000;

test('a lab serves its load balancer through real amphorae, and leaves nothing behind', async (t) => {
  t.timeout(2 * LIMIT_MS);
  const engine = await findEngine();
  const images = await requireImages(engine);
  const loadBalancer = defaultLoadBalancer();
  let name: string;
  {
    await using lab = await AmphoraLab.create({ engine, images, loadBalancer, settings: DEFAULT_SETTINGS });
    name = lab.name;
    const [master, backup] = lab.amphorae;
    if (!master || !backup) throw new Error('The lab must have two amphorae.');
    const forward = await lab.forwardVip(8080);
    const vip = `http://127.0.0.1:${forward.port}`;
    await untilServed(vip, LIMIT_MS);
    t.is(master.role, 'MASTER');
    const served = await fetch(vip);
    t.is(served.headers.get('x-amphora'), master.vrrp_ip, 'the amphora that starts first serves');
    t.regex(served.headers.get('x-member') ?? '', /^backend-[12]$/);
    // A larger table of files would hold the daemon up for longer than its clock may be late.
    const table = ['sh', '-c', 'grep -h FDSize /proc/$PPID/status; ls /proc/$PPID/fd | wc -l'];
    const [daemon] = await lab.fabric.run({ argv: table });
    const [size = 0, open = 0] = (daemon?.stdout.match(/\d+/g) ?? []).map(Number);
    t.true(size >= 256 && open < size / 2, `${open} files are open, with room for ${size}`);
  }
  const filters = { label: [`${LABEL.lab}=${name}`] };
  t.deepEqual(await engine.docker.listContainers({ all: true, filters }), []);
});
