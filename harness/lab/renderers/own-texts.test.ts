import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { vrrpGroup } from '../../../src/controller/vrrp-group.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { processesOf } from '../../../src/driver/haproxy-process.ts';
import { OWN_RENDERERS } from '../../../src/driver/renderers.ts';
import { goldenCases } from '../../../src/golden/golden.fixture.ts';
import { PROJECT_ROOT } from '../../project.ts';
import type { TextName } from '../../system/system.ts';
import { UsageError } from '../../usage-error.ts';
import { readTexts, withTexts } from './own-texts.ts';
import { sampleValues } from './sample-values.ts';

const NAMES: Readonly<Record<string, string>> = { '172.16.1.3': 'amphora-1', '172.16.1.7': 'amphora-2' };

/** The texts as a system has them, in the place of the testbed's own. */
async function rendering(t: ExecutionContext, given: Readonly<Partial<Record<TextName, string>>>) {
  const folder = await mkdtemp(join(tmpdir(), 'amphora-testbed-texts-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const paths = Object.fromEntries(Object.keys(given).map((name) => [name, join(folder, `my-${name}`)]));
  for (const [name, text] of Object.entries(given)) await writeFile(paths[name] ?? '', text);
  const { texts, parts } = await readTexts(paths);
  return { parts, renderers: withTexts(OWN_RENDERERS, texts, ({ vrrp_ip }) => NAMES[vrrp_ip] ?? '') };
}

function pair() {
  const one = goldenCases().find(({ name }) => name === 'http');
  const [amphora, backup] = one?.amphorae ?? [];
  const [process] = one ? processesOf(one.loadBalancer, '1.0') : [];
  if (!one || !amphora || !backup || !process) throw new Error('the golden load balancer has changed');
  const { loadBalancer, vip, additionalVips, amphorae } = one;
  const settings = DEFAULT_SETTINGS;
  const group = vrrpGroup(loadBalancer.id, settings);
  return {
    keepalived: { amphora, amphorae, vip, additionalVips, group, settings },
    backup,
    haproxy: { amphora, amphorae, loadBalancer, process, vipAddress: vip.ip_address, settings },
  };
}

test('a plain text goes to each amphora as it is; what has no text is rendered as before', async (t) => {
  const text = 'vrrp_instance x {\n  log-format %{+Q}r\n}\n';
  const { renderers } = await rendering(t, { 'keepalived.conf': text });
  const { keepalived, haproxy } = pair();
  t.is(await renderers.keepalived(keepalived), text);
  t.is(await renderers.haproxy(haproxy), await OWN_RENDERERS.haproxy(haproxy));
});

test("a template has each amphora's values and those of its peer", async (t) => {
  const text =
    '{{ amphora.name }} {{ amphora.role }} {{ amphora.priority }} {{ amphora.vrrp_ip }} {{ peer.vrrp_ip }} {{ vip }} {{ vip_cidr }} {{ interface }} {{ advert_int }} {{ check_script }}';
  const { renderers } = await rendering(t, { 'keepalived.conf': text });
  const { keepalived, backup } = pair();
  const rest = '172.16.1.10 172.16.1.0/24 eth1 1 /var/lib/octavia/vrrp/check_script.sh';
  t.is(await renderers.keepalived(keepalived), `amphora-1 MASTER 100 172.16.1.3 172.16.1.7 ${rest}`);
  t.is(
    await renderers.keepalived({ ...keepalived, amphora: backup }),
    `amphora-2 BACKUP 90 172.16.1.7 172.16.1.3 ${rest}`,
  );
});

test('haproxy.cfg has members, peers, sockets and the connection limit', async (t) => {
  const text =
    'maxconn {{ maxconn }} {{ stats_socket }}{% for m in members %}\n{{ m.address }}:{{ m.port }}{% endfor %}{% for a in amphorae %}\npeer {{ a.peer_name }} {{ a.vrrp_ip }}:{{ peers_port }}{% endfor %}';
  const { renderers } = await rendering(t, { 'haproxy.cfg': text });
  const { haproxy } = pair();
  const made = await renderers.haproxy({
    ...haproxy,
    settings: { ...DEFAULT_SETTINGS, haproxy_maxconn: 9000 },
  });
  const own = await OWN_RENDERERS.haproxy(haproxy);
  t.true(made.startsWith(`maxconn 9000 /var/lib/octavia/${haproxy.loadBalancer.id}.sock\n`), made);
  const members = haproxy.loadBalancer.pools[0]?.members.map(({ address }) => `${address}:`) ?? [];
  t.true(members.length > 0 && members.every((member) => made.includes(member)), made);
  const peers = own.split('\n').filter((line) => line.startsWith('    peer '));
  t.deepEqual(
    made.split('\n').slice(-2),
    peers.map((line) => line.trim()),
  );
});

test('a report names the file and a digest of its content', async (t) => {
  const { parts } = await rendering(t, { 'keepalived.conf': 'a' });
  t.deepEqual(parts, { 'keepalived.conf': 'my-keepalived.conf, sha256 ca978112ca1b' });
});

for (const [text, sentence] of [
  ['a\n{{ vipp }}', /my-keepalived\.conf, line 2: there is no variable "vipp"; the nearest is vip,/],
  [
    '{{ amphora.prioritty }}',
    /line 1: there is no variable "amphora\.prioritty"; the nearest is amphora\.priority,/,
  ],
  ['{% if vip == "1" %}\n{{ auth }}{% endif %}', /line 2: there is no variable "auth"/],
  ['{% for p in peers %}\n{{ p.vrrpip }}{% endfor %}', /line 2: there is no variable "p\.vrrpip"/],
  [
    '{% if vip == "1" %}{% for p in peers %}\n{{ p.ip }}{% endfor %}{% endif %}',
    /line 2: there is no variable "p\.ip"/,
  ],
  ['a\n{% for p in peers %}', /line 2: tag \{% for p in peers %\} not closed\.$/],
  ['{{ vip | upp }}', /line 1: undefined filter: upp\.$/],
  ["{% include 'other' %}", /line 1: .*other/],
] as const) {
  test(`${JSON.stringify(text)} is refused with file, line and what is wrong`, async (t) => {
    await t.throwsAsync(rendering(t, { 'keepalived.conf': text }), {
      instanceOf: UsageError,
      message: sentence,
    });
  });
}

test('loops, conditions and sizes that Liquid knows are no unknown variables', async (t) => {
  const text =
    '{% for p in peers %}{{ forloop.index }}{{ p.name }}{% endfor %}{{ peers.size }}{{ peers[0].role }}{{ peers.first.id }}';
  await t.notThrowsAsync(rendering(t, { 'keepalived.conf': text }));
});

test('a folder in the place of a file is refused', async (t) => {
  await t.throwsAsync(readTexts({ 'haproxy.cfg': tmpdir() }), {
    instanceOf: UsageError,
    message: /haproxy\.cfg takes a file/,
  });
});

test('the example asks for what there is, and keeps a pair apart', async (t) => {
  const { texts } = await readTexts({ 'keepalived.conf': join(PROJECT_ROOT, 'examples/keepalived.conf') });
  const { keepalived, backup } = pair();
  const renderers = withTexts(OWN_RENDERERS, texts, () => 'amphora');
  const [master, other] = await Promise.all([
    renderers.keepalived(keepalived),
    renderers.keepalived({ ...keepalived, amphora: backup }),
  ]);
  t.regex(
    master,
    /priority 100\n[\s\S]*unicast_src_ip 172\.16\.1\.3\n {4}unicast_peer \{\n {8}172\.16\.1\.7\n {4}\}/,
  );
  t.regex(
    other,
    /priority 90\n[\s\S]*unicast_src_ip 172\.16\.1\.7\n {4}unicast_peer \{\n {8}172\.16\.1\.3\n {4}\}/,
  );
  t.notRegex(master, /\{\{|\{%/);
});

test('all values of both texts stand in the docs', async (t) => {
  const docs = await readFile(join(PROJECT_ROOT, 'docs/systems.md'), 'utf8');
  for (const name of ['keepalived.conf', 'haproxy.cfg'] as const) {
    for (const value of Object.keys(sampleValues(name)))
      t.true(docs.includes(`\`${value}\``), `${name}: ${value}`);
  }
});
