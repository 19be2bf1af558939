/** A worker without labs: what it performs has its verdict at once. Its arguments: the URL, its labs, a number for its system. */
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Images } from '../../lab/images/images.ts';
import { OWN_UNDER_TEST } from '../../system/under-test.ts';
import { recordLost } from '../lost-run.ts';
import type { Performer } from '../worker.ts';
import { parseQueueUrl } from './queue-url.ts';
import { serveQueue } from './serve.ts';
import { QueueServer } from './server.ts';

const [url = '', labs = '1', system = '', runMs = '20'] = process.argv.slice(2);
const images: Images = { amphora: 'amphora', fabric: 'fabric', system: OWN_UNDER_TEST };
await using server = await QueueServer.open(parseQueueUrl(url));
await serveQueue({
  server,
  identity: {
    system: { 'the code': system },
    machine: { engine: 'none', kernel: 'none', cpus: 1, node: 'none' },
  },
  images,
  scenarios: [{ name: 'master-kill' } as Parameters<typeof serveQueue>[0]['scenarios'][number]],
  labs: Number(labs),
  hire: ({ folder }): Performer => ({
    alive: true,
    perform: async ({ run, phaseShare }, onStage) => {
      onStage('failing over');
      await delay(Number(runMs));
      // What a worker says here comes out even where it is killed right after.
      const outcome = await recordLost(folder, run, `fault at ${phaseShare}, performed by ${process.pid}`);
      writeSync(1, `${run.index}\n`);
      return { outcome: { ...outcome, status: 'passed' }, whole: false };
    },
    cleared: async () => {},
    release: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }),
  say: () => {},
  signal: new AbortController().signal,
});
