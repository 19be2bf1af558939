import test from 'ava';
import { check, predicted, TRACKED, type Written } from './failures.fixture.ts';

test('a backup whose own notify script stops HAProxy: where its check decides, nothing can be told', (t) => {
  const stopping = (priority: number, more: string): Written => ({
    priority,
    instance: `${TRACKED}\n notify_backup "/usr/bin/systemctl stop haproxy"`,
    more: check('"/usr/bin/pidof haproxy"', more),
  });
  const weighed = [stopping(101, 'weight -10'), stopping(100, 'weight -10')];
  t.like(predicted('haproxy-dead', weighed), { moves: undefined, outage: undefined });
  t.regex(
    predicted('haproxy-dead', weighed).because,
    /^notify_backup stops HAProxy on b, and chk fails there/,
  );
  t.regex(predicted('return', weighed).because, /stops HAProxy on a,/);
  t.like(predicted('power-off', weighed), { moves: true, holder: 'b' });
  const faulty = [stopping(101, ''), stopping(100, '')];
  t.like(predicted('power-off', faulty), { moves: undefined, holder: undefined });
});

test('a check that is defined only after the instance does not count', (t) => {
  const late = (priority: number): Written => ({
    ...{ priority, instance: TRACKED },
    after: check('"/usr/bin/pidof haproxy"', 'weight -50'),
  });
  t.like(predicted('haproxy-dead', [late(101), late(100)]), {
    ...{ moves: false, holder: 'a', file: 'a/etc/keepalived/keepalived.conf' },
    outage: { min: Number.POSITIVE_INFINITY },
    because: 'HAProxy is dead, and nothing notices: chk is left out by keepalived (track-script-undefined).',
    advice: 'Move vrrp_script chk above what tracks it.',
  });
});
