import test from 'ava';
import fc from 'fast-check';
import { readVrrpConfiguration } from './keepalived-configuration.ts';

const RENDERED = `vrrp_script check_script {
    script /var/lib/octavia/vrrp/check_script.sh
    interval 5
    fall 2
    rise 3
}

vrrp_instance abc {
    interface eth1
    version 3
    virtual_router_id 1
    priority 90
    nopreempt
    accept
    garp_master_refresh 7
    garp_master_refresh_repeat 2
    advert_int 0.25
    unicast_peer {
        172.16.1.3
    }
    virtual_rules {
        from 172.16.1.10/32 table 1 priority 100
    }
    track_script {
        check_script
    }
}
`;

test('an instance is read with the script that it tracks', (t) => {
  t.deepEqual(readVrrpConfiguration(RENDERED), {
    version: 3,
    advertIntMs: 250,
    downAdverts: 3,
    priority: 90,
    state: 'BACKUP',
    preempts: false,
    garpDelayMs: 5000,
    garpRefreshMs: 7000,
    garpRefreshRepeat: 2,
    check: { intervalMs: 5000, fall: 2, rise: 3 },
  });
});

test('an instance that begins as master preempts, whatever nopreempt says', (t) => {
  const rocky = RENDERED.replace('    interface eth1', '    state MASTER\n    interface eth1');
  t.true(readVrrpConfiguration(rocky)?.preempts);
});

test("what is not said is keepalived's default", (t) => {
  t.like(readVrrpConfiguration('vrrp_instance x {\n}\n'), {
    version: 2,
    advertIntMs: 1000,
    priority: 100,
    preempts: true,
    garpRefreshMs: 0,
  });
  t.is(readVrrpConfiguration('# nothing\n'), undefined);
});

test('a script has a timeout where one is configured', (t) => {
  const timed = RENDERED.replace('    fall 2', '    timeout 3\n    fall 2');
  t.is(readVrrpConfiguration(timed)?.check?.timeoutMs, 3000);
});

test('a weight changes the priority: lost where it is negative, won while all is well where it is positive', (t) => {
  const weighted = (weight: string) =>
    readVrrpConfiguration(
      RENDERED.replace('        check_script\n', `        check_script weight ${weight}\n`),
    );
  t.like(weighted('-20'), { priority: 90, check: { failedPriority: 70 } });
  t.like(weighted('20'), { priority: 110, check: { failedPriority: 90 } });
  t.is(weighted('0')?.check?.failedPriority, undefined);
});

test('no text makes the reader throw', (t) => {
  const words = fc.constantFrom('{', '}', '\n', ' ', '#', 'vrrp_instance', 'priority', '9x', 'track_script');
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
        readVrrpConfiguration(parts.join(' '));
      }),
    ),
  );
});
