import { join } from 'node:path';
import { ourContainers } from '../../lab/engine/containers.ts';
import type { Engine } from '../../lab/engine/engine.ts';
import { LABEL } from '../../lab/engine/labels.ts';
import { readResult } from '../../result/result.ts';
import { type Torture, withMore } from './fault.ts';
import { Victim } from './victim.ts';

const STEP_MS = 3_600_000;

/**
 * The wall clock is stepped by an hour in the middle of a run: it must come out as invalid, and be repeated.
 *
 * Linux has no namespace for CLOCK_REALTIME (time_namespaces(7)), and a real step would be the whole machine's. So the
 * clock that the fabric reads is stepped, by way of Node's inspector: the program itself is the one that measures.
 */
export const clock: Torture = async ({ engine, report }) => {
  const blow = { fault: 'wall clock stepped', instant: 'once requests are answered' };
  await using victim = await Victim.start(engine, ['scenario', 'keepalived-stop', '--seed', '1']);
  await victim.observed();
  const fabric = (await ourContainers(engine)).find(
    ({ Id, Labels }) => victim.watch.made.has(Id) && Labels[LABEL.role] === 'fabric',
  );
  if (!fabric) throw new Error('The run has no fabric.');
  await step(engine, fabric.Id);
  const verdict = await victim.judge(blow, [0]);
  const { scenarios } = await readResult(join(victim.reports, 'latest'));
  const reasons = scenarios.flatMap(({ runs }) =>
    runs.map(({ status, reason = '' }) => `${status} ${reason}`),
  );
  const noticed = reasons.find((reason) => /^invalid .*clock was stepped by 3600000 ms/.test(reason));
  report(
    withMore(
      verdict,
      noticed === undefined
        ? { status: 'failed', detail: `nobody noticed: ${reasons.join('; ')}` }
        : { detail: noticed },
    ),
  );
};

/** Steps the clock that the fabric's program reads. */
async function step(engine: Engine, containerId: string): Promise<void> {
  const container = engine.docker.getContainer(containerId);
  const { State } = await container.inspect();
  const program = `
    process.kill(${State.Pid}, 'SIGUSR1');
    const targets = async () => (await fetch('http://127.0.0.1:9229/json')).json();
    let target;
    while (!target) [target] = await targets().catch(() => []);
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const expression = '{ const now = Date.now; Date.now = () => now() + ${STEP_MS}; }';
    const answered = new Promise((resolve) => socket.addEventListener('message', resolve));
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } }));
    await answered;
    process.exit();`;
  const execution = await container.exec({
    Cmd: ['node', '--input-type=module', '-e', program],
    AttachStdout: true,
    AttachStderr: true,
  });
  const output = await execution.start({});
  await new Promise((resolve) => output.on('data', () => {}).once('end', resolve));
}
