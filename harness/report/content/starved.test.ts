import test from 'ava';
import { measuredOf } from '../../result/measured.ts';
import { ofWhichStarved } from './starved.ts';

const keepalived = { phase: 'promotion', node: 'amphora-2', process: 'keepalived', waitedMs: 571.2 };

test('an excess says who waited for a processor, and how long', (t) => {
  t.is(
    ofWhichStarved({ starved: [keepalived] }),
    ', of which 571 ms keepalived of amphora-2 waited for a processor',
  );
  const prober = { phase: 'recovery', node: 'fabric', process: 'the prober', waitedMs: 10 };
  t.is(
    ofWhichStarved({ starved: [{ ...keepalived, lock: 'inet_rtm_newaddr' }, prober] }),
    ", of which 571 ms keepalived of amphora-2 waited for the kernel's network lock, and 10 ms the prober of fabric waited for a processor",
  );
  t.is(ofWhichStarved({ starved: [] }), '');
  t.is(ofWhichStarved({}), '');
  t.is(ofWhichStarved({ starved: [{ ...keepalived, waitedMs: 0.4 }] }), '');
});

test('what is compared is without what was waited for a processor, and never below what was demanded for that', (t) => {
  const run = (excess: number, outage: number, starved?: number) => ({
    index: 1,
    wallMs: 1,
    status: 'passed' as const,
    metrics: { excess, outage, ...(starved !== undefined && { starved }) },
  });
  const runs = [run(30, 3030, 20), run(4, 3004, 20), run(-3, 2997, 20), run(8, 3008)];
  t.deepEqual(measuredOf(runs, 'excess').values, [10, 0, -3, 8]);
  t.deepEqual(measuredOf(runs, 'outage').values, [3010, 2984, 2977, 3008]);
});
