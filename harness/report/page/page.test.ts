import test from 'ava';
import type { Result } from '../../result/result.ts';
import { exampleBackground, exampleReport } from '../content/example.ts';
import { markdownSummary } from '../markdown.ts';
import { reportPage } from './page.ts';
import { holdersOf, logAround, pictureOf, requestStream } from './run-picture.ts';

const NOTHING = { changes: [], trend: [] };

test('the page says first what got worse, then what failed, then what has no verdict', async (t) => {
  await using example = await exampleReport();
  const { result } = example;
  const page = await reportPage(example.folder, result, exampleBackground(result));
  t.regex(
    page,
    /<h1[^>]*>1 figure got worse since the baseline; 1 of 4 scenarios failed; 1 of 4 scenarios got no verdict/,
  );
  t.regex(
    page,
    /master-kill: excess regressed by 38 ms \(95 % interval \+31 ms to \+45 ms\), in the announcement phase/,
  );
  t.regex(page, /measured in another environment/);
});

test('text from a run is text, never markup', async (t) => {
  await using example = await exampleReport();
  const page = await reportPage(example.folder, example.result, NOTHING);
  t.true(page.includes('&lt;3612 ms&gt; &amp; more'));
  t.false(page.includes('<3612'));
});

test('every repeat is kept apart, with its reason', async (t) => {
  await using example = await exampleReport();
  const page = await reportPage(example.folder, example.result, NOTHING);
  t.true(page.includes('id="garp-lost-run-3-again-1"'));
  t.regex(page, /a request was sent 215 ms late/);
});

test('page and summary name what was tested, where it is not the testbed’s own', async (t) => {
  await using example = await exampleReport();
  const { result, folder } = example;
  const system = { keepalived: 'package keepalived_2.3.3-1_amd64.deb (171b3bcb759a)' };
  const tested = { ...result, environment: { ...result.environment, system } };
  t.regex(
    await reportPage(folder, tested, NOTHING),
    /keepalived under test<\/dt><dd>package keepalived_2\.3\.3/,
  );
  t.regex(markdownSummary(tested), /^Under test: keepalived: package keepalived_2\.3\.3-1_amd64\.deb/m);
  t.notRegex(await reportPage(folder, result, NOTHING), /under test<\/dt>/);
});

test('the page needs nothing but itself', async (t) => {
  await using example = await exampleReport();
  const page = await reportPage(example.folder, example.result, NOTHING);
  t.notRegex(page, /<script|<link|@import|src=|url\((?!#)/);
});

test('without a baseline the page says that it cannot tell what changed', async (t) => {
  await using example = await exampleReport();
  t.regex(
    await reportPage(example.folder, example.result, NOTHING),
    /There was no baseline: .*not whether they changed/,
  );
});

test('a night of forty scenarios with ten runs each stays below 3 MB', async (t) => {
  await using example = await exampleReport();
  const { result } = example;
  const [scenario] = result.scenarios;
  if (!scenario) return t.fail();
  const [run] = scenario.runs;
  if (!run) return t.fail();
  const night: Result = {
    ...result,
    scenarios: Array.from({ length: 40 }, (_, n) => ({
      ...scenario,
      name: `master-kill-${n}`,
      runs: Array.from({ length: 10 }, (_, index) => ({ ...run, index })),
    })),
  };
  const bytes = Buffer.byteLength(await reportPage(example.folder, night, NOTHING));
  t.log(`${(bytes / 1e6).toFixed(2)} MB`);
  t.true(bytes < 3e6, `${bytes} bytes`);
});

test('requests are counted where they were sent, in the name of the node that advertises from the address', (t) => {
  const at = (ms: number) => String(BigInt(ms + 10_000) * 1_000_000n);
  const request = (ms: number, servedBy?: string) => ({
    kind: 'request' as const,
    sequence: ms,
    atNs: at(ms),
    dueNs: at(ms),
    endNs: at(ms + 1),
    outcome: servedBy ? ('answered' as const) : ('failed' as const),
    ...(servedBy && { servedBy }),
  });
  const vrrp = {
    type: 'vrrp' as const,
    version: 2 as const,
    routerId: 1,
    priority: 100,
    advertIntervalMs: 1000,
    sourceIp: '172.16.1.3',
    destinationIp: '172.16.1.7',
  };
  const stream = requestStream(
    [
      { kind: 'frame', atNs: at(-500), port: 'amphora-1', direction: 'in', sourceMac: '', frame: vrrp },
      request(-90, '172.16.1.3'),
      request(-80, '172.16.1.3'),
      request(20),
      request(150, '172.16.1.9'),
    ],
    10_000_000_000n,
    -100,
    200,
  );
  t.deepEqual(stream.nodes, ['amphora-1', '172.16.1.9']);
  t.is(stream.spaceMs, 50);
  t.deepEqual(
    stream.counts.map(({ answered, lost }) => [answered.reduce((sum, n) => sum + n, 0), lost]),
    [
      [2, 0],
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 0],
      [1, 0],
    ],
  );
});

test('a node that lost power is not drawn as holding the VIP, but as unheard of', async (t) => {
  await using example = await exampleReport();
  const [run] = example.result.scenarios[1]?.runs ?? [];
  if (!run) return t.fail();
  const events = [
    { atMs: -40, source: 'amphora-1', kind: 'advertisement', detail: 'priority 100' },
    { atMs: 0, source: 'amphora-1', kind: 'fault', detail: 'power loss' },
    { atMs: 3600, source: 'amphora-2', kind: 'address', detail: 'VIP added' },
  ];
  t.deepEqual(holdersOf({ ...run, events }, 5000), [
    { node: 'amphora-1', fromMs: -1000, toMs: 0, heard: true },
    { node: 'amphora-1', fromMs: 0, toMs: 5000, heard: false },
    { node: 'amphora-2', fromMs: 3600, toMs: 5000, heard: true },
  ]);
  const elected = { atMs: -39, source: 'amphora-1', kind: 'address', detail: 'VIP added' };
  const [held] = holdersOf(
    { ...run, events: [events[0], elected, ...events.slice(1)] as typeof events },
    5000,
  );
  t.deepEqual(held, { node: 'amphora-1', fromMs: -39, toMs: 0, heard: true }, 'not before it took it');
});

test('where nothing was observed any more, nothing is drawn, and nobody is called silent', async (t) => {
  await using example = await exampleReport();
  const [run] = example.result.scenarios[0]?.runs ?? [];
  if (!run?.faultAt) return t.fail();
  const events = [
    { atMs: -1040, source: 'amphora-1', kind: 'advertisement', detail: 'priority 100' },
    { atMs: -40, source: 'amphora-1', kind: 'advertisement', detail: 'priority 100' },
    { atMs: 0, source: 'amphora-1', kind: 'fault', detail: 'agent gets SIGKILL' },
  ];
  const last = { kind: 'answer', atNs: String(BigInt(run.faultAt.ns) + 420_000_000n), port: 1 } as const;
  const picture = pictureOf({ ...run, events, metrics: {} }, run.faultAt, [last], [], 10);
  t.is(picture.toMs, 420);
  t.deepEqual(picture.holders, [{ node: 'amphora-1', fromMs: -1000, toMs: 420, heard: true }]);
  for (const [toMs, isSilent] of [
    [1900, false],
    [2100, true],
  ] as const) {
    const holders = holdersOf({ ...run, events }, toMs);
    t.is(
      holders.some(({ heard }) => !heard),
      isSilent,
      `${toMs} ms`,
    );
  }
});

test('the journals are shown from shortly before the fault, in one order', (t) => {
  const lines = logAround(
    [
      {
        source: 'amphora-1',
        text: '9.000000 host a[1]: too early\n10.100000 host a[1]: second\nno line of a journal',
      },
      { source: 'amphora-2', text: '10.050000 host b[1]: first\n12.000000 host b[1]: too late' },
    ],
    10_000_000_000n,
    1000,
    10,
  );
  t.deepEqual(
    lines.map(({ atMs, text }) => [atMs, text]),
    [
      [50, 'b[1]: first'],
      [100, 'a[1]: second'],
    ],
  );
});
