import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { firstLine } from '../../streams/lines.ts';
import type { Torture } from './fault.ts';
import { Victim } from './victim.ts';

/** Memory that an amphora may still take: the kernel has to kill soon. */
const ROOM_BYTES = 16 << 20;
const OOM_LIMIT_MS = 20_000;

/** Takes an amphora's memory away until the kernel kills in it; the lab is then ended as a user would. */
export const outOfMemory: Torture = async ({ engine, report }) => {
  const blow = { fault: 'out of memory', instant: 'in an amphora of a lab' };
  await using victim = await Victim.start(engine, ['lab', 'up', '--json']);
  const line = await firstLine(victim.stdout);
  if (line === undefined)
    throw new Error(`The lab did not start: ${(await victim.ended).stderr.slice(-300)}`);
  const { amphorae } = JSON.parse(line) as { amphorae: { container: string }[] };
  const container = engine.docker.getContainer(amphorae[0]?.container ?? '');
  const events = (await engine.docker.getEvents({
    filters: { event: ['oom', 'die'], container: [amphorae[0]?.container ?? ''] },
  })) as unknown as Readable;
  const killed = once(events, 'data', { signal: AbortSignal.timeout(OOM_LIMIT_MS) });
  killed.catch(() => {});
  const { memory_stats: memory } = await container.stats({ stream: false, 'one-shot': true });
  const limits = { Memory: memory.usage + ROOM_BYTES, MemorySwap: memory.usage + ROOM_BYTES };
  // An engine without the controller, or a kernel that cannot shrink, says so.
  const squeezed = await container.update(limits).catch((error: Error) => error);
  const eaten =
    squeezed instanceof Error
      ? undefined
      : container
          .exec({ Cmd: ['node', '-e', 'const a=[];for(;;)a.push(Buffer.alloc(1<<20,1))'] })
          .then((execution) => execution.start({ Detach: true }))
          .catch(() => {});
  await eaten;
  const seen = squeezed instanceof Error ? undefined : await killed.catch(() => undefined);
  events.destroy();
  victim.interrupt();
  const verdict = await victim.judge(blow, [130]);
  report(
    seen
      ? verdict
      : {
          ...verdict,
          status: verdict.status === 'failed' ? 'failed' : 'skipped',
          detail: squeezed instanceof Error ? squeezed.message : 'the kernel did not kill in time',
        },
  );
};
