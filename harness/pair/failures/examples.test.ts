import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { PROJECT_ROOT } from '../../project.ts';
import { pairIn } from '../configuration/folder.ts';
import { examine } from '../examine.ts';
import { A, BOTH, CHECKS, type Changes, EXAMPLES, gone, goodPair, put, swap } from '../pair.fixture.ts';
import { allRules } from '../rule.ts';
import { predict, predictAll, situationsOf } from './predict.ts';
import { EVENTS, type EventName, type Predicted } from './prediction.ts';

/** The one example that has a mistake. */
const MISTAKEN = 'weight-too-small';
const folders = await readdir(EXAMPLES);

for (const folder of folders.filter((name) => name !== MISTAKEN)) {
  test(`${folder}: no complaint, and clients are served after every failure`, async (t) => {
    const pair = await pairIn(join(EXAMPLES, folder));
    const findings = examine(pair, await allRules());
    t.deepEqual(findings, []);
    const all = situationsOf(pair, findings, '2.2.7').flatMap((situation) => predictAll(situation));
    t.true(all.length >= EVENTS.length - 1);
    for (const { event, instance, outage, because } of all)
      t.true((outage?.max ?? Number.POSITIVE_INFINITY) < 20_000, `${event} of ${instance}: ${because}`);
  });
}

test(`${MISTAKEN}: the card names the mistake, and what to do`, async (t) => {
  const pair = await pairIn(join(EXAMPLES, MISTAKEN));
  const findings = examine(pair, await allRules());
  const [situation] = situationsOf(pair, findings);
  const dead = situation && predict('haproxy-dead', situation);
  t.like(dead, { moves: false, file: 'a/etc/keepalived/keepalived.conf', line: 14 });
  t.is(dead?.because, 'chk_haproxy has weight −2: 101 − 2 = 99 is still above 98.');
  t.is(dead?.advice, 'Give it a weight below −3, or none.');
});

test('docs/pairs.md lists every example', async (t) => {
  const text = await readFile(join(PROJECT_ROOT, 'docs/pairs.md'), 'utf8');
  const listed = [...text.matchAll(/\(\.\.\/examples\/pairs\/([\w-]+)\)/g)].map(([, name]) => name);
  t.deepEqual(listed.toSorted(), folders.toSorted());
});

/** Mistakes that an event shows: what was changed, and its line. */
const MISTAKES: Readonly<
  Record<
    string,
    { readonly changes: Changes; readonly event: EventName; readonly line: string; readonly says: RegExp }
  >
> = {
  'the check sees a process, not whether it answers': {
    changes: { [CHECKS]: put('#!/bin/sh\npidof haproxy\n') },
    event: 'haproxy-hung',
    line: 'vrrp_script chk_haproxy',
    says: /chk_haproxy looks whether the process exists: it does not see that HAProxy hangs/,
  },
  'the check pings the gateway': {
    changes: { [CHECKS]: put('#!/bin/sh\nping -c 1 -W 1 192.0.2.1\n') },
    event: 'haproxy-dead',
    line: 'vrrp_script chk_haproxy',
    says: /chk_haproxy pings, and does not look at HAProxy/,
  },
  'nothing is tracked': {
    changes: { [BOTH]: swap('    track_script {\n        chk_haproxy\n    }\n', '') },
    event: 'haproxy-dead',
    line: 'vrrp_instance VI_1',
    says: /VI_1 on a tracks nothing that would notice/,
  },
  'the script was not copied': {
    changes: { [CHECKS]: gone },
    event: 'haproxy-dead',
    line: 'script "/etc/keepalived/check-haproxy.sh"',
    says: /chk_haproxy is left out by keepalived \(script-missing\)/,
  },
};

for (const [what, { changes, event, line, says }] of Object.entries(MISTAKES)) {
  test(`the card names a mistake in a good pair: ${what}`, async (t) => {
    const { pair, overlays, findings } = await goodPair(changes);
    const [situation] = situationsOf(pair, findings, '2.2.7');
    const { outage, ...told } = situation ? predict(event, situation) : ({} as Predicted);
    t.is(outage?.min, Number.POSITIVE_INFINITY);
    t.regex(told.because, says);
    t.truthy(told.advice);
    const [a] = overlays;
    const text = a?.files.get(A.replace('a/', ''))?.text.split('\n') ?? [];
    t.deepEqual([told.file, told.line], [A, text.findIndex((each) => each.includes(line)) + 1]);
  });
}
