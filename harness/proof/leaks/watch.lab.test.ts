import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { findEngine } from '../../lab/engine/engine.ts';
import { LABEL, newLabName, SESSION } from '../../lab/engine/labels.ts';
import { Fabric } from '../../lab/fabric/fabric.ts';
import { requireImages } from '../../lab/images/images.ts';
import { LeakWatch } from './watch.ts';

const LIMIT_MS = 15_000;
/** Other tests have labs meanwhile. */
const OWN = `${LABEL.session}=${SESSION}`;

test.serial('what a command leaves behind is found: its processes, files and containers', async (t) => {
  const engine = await findEngine();
  const images = await requireImages(engine);
  await using watch = await LeakWatch.begin(engine, OWN);
  t.deepEqual(await watch.look(), []);

  const child = spawn('sleep', ['60'], { env: { ...process.env, ...watch.env } });
  await once(child, 'spawn');
  await mkdtemp(join(watch.env.TMPDIR ?? '', 'left-'));
  const name = newLabName();
  {
    await using _fabric = await Fabric.start(engine, { lab: name, image: images.fabric });
    const kinds = new Set((await watch.look()).map(({ kind }) => kind));
    t.deepEqual([...kinds].sort(), ['container', 'control group', 'file', 'mount', 'namespace', 'process']);
  }
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = await watch.settle(1000);
  t.deepEqual(
    left.map(({ kind }) => kind),
    ['file'],
    JSON.stringify(left),
  );
});

test.serial('a lab that has ended leaves nothing', async (t) => {
  const engine = await findEngine();
  const images = await requireImages(engine);
  await using watch = await LeakWatch.begin(engine, OWN);
  {
    await using _fabric = await Fabric.start(engine, { lab: newLabName(), image: images.fabric });
  }
  t.deepEqual(await watch.settle(LIMIT_MS), []);
});
