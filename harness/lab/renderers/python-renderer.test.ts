import { PassThrough } from 'node:stream';
import test from 'ava';
import { parseLoadBalancer } from '../../../src/domain/api/parse.ts';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { UsageError } from '../../usage-error.ts';
import { requireInOctavia } from './octavia-renderers.ts';
import { PythonRenderer, RenderFailed } from './python-renderer.ts';

const LOAD_BALANCER = parseLoadBalancer({
  name: 'lb1',
  vip_address: '172.16.1.10',
  listeners: [{ name: 'dns', protocol: 'UDP', protocol_port: 53 }],
});
const [LISTENER] = LOAD_BALANCER.listeners;
if (!LISTENER) throw new Error('the load balancer has no listener');
const LVS = { loadBalancer: LOAD_BALANCER, listener: LISTENER, vipAddress: '172.16.1.10' };

/** A render.py whose answers are written by hand. */
function program(limitMs?: number) {
  const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const renderer = new PythonRenderer({ input, output, errors }, limitMs);
  const say = (answer: object) => output.write(`${JSON.stringify(answer)}\n`);
  const asked = () =>
    String(input.read() ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { renderer, say, asked, output, errors };
}

test('answers are given to those who asked, in their order', async (t) => {
  const { renderer, say, asked } = program();
  const texts = Promise.all([renderer.lvs(LVS), renderer.lvs({ ...LVS, vipAddress: '172.16.1.11' })]);
  say({ version: '16.0.0' });
  say({ text: 'first' });
  say({ text: 'second' });
  t.deepEqual(await texts, ['first', 'second']);
  t.deepEqual(
    asked().map(({ make, vipAddress }) => `${make} ${vipAddress}`),
    ['keepalivedlvs.conf 172.16.1.10', 'keepalivedlvs.conf 172.16.1.11'],
  );
});

test("an error is said with Python's last line and its place, and the next request is answered", async (t) => {
  const { renderer, say } = program();
  say({ version: '16.0.0' });
  const failed = t.throwsAsync(renderer.lvs(LVS), {
    instanceOf: RenderFailed,
    message:
      "Octavia did not render keepalivedlvs.conf: jinja2.exceptions.UndefinedError: 'vip' is undefined (octavia/common/jinja/lvs/templates/keepalivedlvs.cfg.j2, line 18).",
  });
  const next = renderer.lvs(LVS);
  say({
    error: "jinja2.exceptions.UndefinedError: 'vip' is undefined",
    place: 'octavia/common/jinja/lvs/templates/keepalivedlvs.cfg.j2, line 18',
  });
  say({ text: 'fine' });
  await failed;
  t.is(await next, 'fine');
});

test('what cannot be imported is why nothing is rendered', async (t) => {
  const { renderer, say, output } = program();
  const failed = t.throwsAsync(renderer.lvs(LVS), {
    instanceOf: RenderFailed,
    message:
      'Octavia did not render its renderers: SyntaxError: invalid syntax (octavia/common/utils.py, line 3).',
  });
  say({ error: 'SyntaxError: invalid syntax', place: 'octavia/common/utils.py, line 3' });
  output.end();
  await failed;
});

test('a program that ends takes no request with it, and none after it: each fails with what it said last', async (t) => {
  const { renderer, say, output, errors } = program();
  say({ version: '16.0.0' });
  const failed = t.throwsAsync(renderer.lvs(LVS), {
    message: "Octavia's renderers have ended: MemoryError.",
  });
  errors.write('Traceback\nMemoryError\n', () => output.end());
  await failed;
  await t.throwsAsync(renderer.lvs(LVS), { message: "Octavia's renderers have ended: MemoryError." });
});

test('a program that does not answer is waited for no longer than the limit', async (t) => {
  const { renderer, say } = program(50);
  say({ version: '16.0.0' });
  await t.throwsAsync(renderer.lvs(LVS), {
    instanceOf: RenderFailed,
    message: 'Octavia did not render keepalivedlvs.conf within 0.05 s.',
  });
});

for (const [settings, what] of [
  [{ ...DEFAULT_SETTINGS, profile: 'rocky' }, /do not write the profile rocky: take profile=current/],
  [{ ...DEFAULT_SETTINGS, split: true }, /one HAProxy for each listener: leave --split out/],
  [
    { ...DEFAULT_SETTINGS, keepalived_vrrp: { ...DEFAULT_SETTINGS.keepalived_vrrp, vrrp_version: 3 } },
    /VRRP version 3: take vrrp_version=2, or octavia=own/,
  ],
] as const) {
  test(`what Octavia cannot render is refused: ${what.source}`, (t) => {
    t.throws(() => requireInOctavia(settings), { instanceOf: UsageError, message: what });
  });
}

test('what Octavia renders is not refused', (t) => {
  t.notThrows(() => requireInOctavia(DEFAULT_SETTINGS));
});
