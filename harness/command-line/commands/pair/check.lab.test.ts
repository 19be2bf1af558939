import { join } from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import { median } from 'simple-statistics';
import { PROJECT_ROOT } from '../../../project.ts';
import { EXIT } from '../../errors.ts';

const BIN = join(PROJECT_ROOT, 'harness/command-line/amphora-testbed.mjs');
const EXAMPLES = join(PROJECT_ROOT, 'examples/pairs');
const MISTAKEN = 'weight-too-small';
/** At least this many events are measured: a machine that is busy may disturb all runs of one. */
const MEASURED_MIN = 6;
const EXCESS_MAX_MS = 25;

interface Event {
  readonly event: string;
  readonly moves: boolean | null;
  readonly holder: string | null;
  readonly outageMs: number | null;
  readonly served: boolean | null;
  readonly predicted: {
    readonly outage: { readonly min: number | null; readonly max: number | null } | null;
  };
  readonly asPredicted: boolean | null;
  readonly because: string;
  readonly advice?: string;
}

/** The report card of an example. */
async function cardOf(folder: string) {
  const args = ['pair', 'check', join(EXAMPLES, folder), '--json', '--parallel', '2'];
  const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, ...args], { reject: false });
  const { findings, events } = JSON.parse(stdout || '{}') as {
    findings: { rule: string }[];
    events: Event[];
  };
  return { exitCode, stderr, findings, events };
}

/** How far an outage lies outside of its bounds, ms. */
function excessOf({ outageMs, served, predicted: { outage } }: Event): readonly number[] {
  if (outageMs === null || !served || !outage || outage.min === null) return [];
  return [Math.max(0, outageMs - (outage.max ?? outageMs)) + Math.min(0, outageMs - outage.min)];
}

// A card takes more than a minute. The other examples fail over in harness/run/pair.lab.test.ts.
for (const folder of [MISTAKEN, 'three-nodes']) {
  test.serial(`${folder}: what is measured is what the configurations say`, async (t) => {
    t.timeout(240_000);
    const { exitCode, stderr, findings, events } = await cardOf(folder);
    const isGood = folder !== MISTAKEN;
    t.is(exitCode, isGood ? EXIT.ok : EXIT.failed, stderr);
    t.deepEqual(
      findings.map(({ rule }) => rule),
      isGood ? [] : [MISTAKEN],
    );
    const told = (each: Event) => `${each.event}: ${each.outageMs} ms; ${each.because}`;
    t.deepEqual(events.filter(({ asPredicted }) => asPredicted === false).map(told), []);
    t.true(events.filter(({ outageMs }) => outageMs !== null).length >= MEASURED_MIN, stderr);
    t.true(Math.abs(median(events.flatMap(excessOf))) <= EXCESS_MAX_MS);
    const served = events.find(
      ({ event }) => event === (folder === 'three-nodes' ? 'second-power-off' : 'power-off'),
    );
    t.like(served, { moves: true, served: true, holder: folder === 'three-nodes' ? 'c' : 'b' });
    const dead = events.find(({ event }) => event === 'haproxy-dead');
    if (isGood) t.like(dead, { moves: true, holder: 'b', served: true });
    else
      t.like(dead, {
        ...{ moves: false, holder: 'a', served: false, advice: 'Give it a weight below −3, or none.' },
        because:
          'chk_haproxy has weight −2: 101 − 2 = 99 is still above 98 (a/etc/keepalived/keepalived.conf:14).',
      });
  });
}
