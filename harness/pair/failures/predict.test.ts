import test from 'ava';
import fc from 'fast-check';
import { examine } from '../examine.ts';
import { allPredicted, check, pairOf, predicted, rules, TRACKED, type Written } from './failures.fixture.ts';
import { predict, predictAll, situationsOf } from './predict.ts';
import { EVENTS } from './prediction.ts';

const node = (priority: number, instance = '', more = ''): Written => ({ priority, instance, more });
/** The skew under VRRP 2, ms (RFC 3768, section 6.1). */
const skew = (priority: number) => ((256 - priority) / 256) * 1000;
const between = (min: number, max: number) => ({ min, max });
const near = (bounds: { readonly min: number; readonly max: number } | undefined) =>
  bounds && { min: Math.round(bounds.min), max: Math.round(bounds.max) };

test('a silent master costs two to three intervals and the skew of the node that takes over', (t) => {
  for (const event of ['power-off', 'link-down'] as const)
    t.like(predicted(event, [node(101), node(100)]), {
      ...{ target: 'a', moves: true, holder: 'b', file: 'b/etc/keepalived/keepalived.conf' },
      outage: between(2000 + skew(100), 3000 + skew(100)),
    });
});

test('of three nodes the second takes over, and then the third', (t) => {
  const three = [node(110), node(100), node(90)];
  t.like(predicted('power-off', three), { target: 'a', holder: 'b' });
  t.like(predicted('second-power-off', three), {
    ...{ target: 'b', holder: 'c', moves: true },
    outage: between(2000 + skew(90), 3000 + skew(90)),
  });
  t.like(predicted('second-power-off', three.slice(0, 2)), { moves: false, holder: undefined });
  t.is(predicted('second-power-off', three.slice(0, 2)).outage?.min, Number.POSITIVE_INFINITY);
});

test('version 3 makes the skew a share of the interval, and knows hundredths; version 2 rounds to seconds', (t) => {
  const third = 'version 3\n advert_int 0.104';
  const sixth = (priority: number): Written => ({ ...node(priority, third), address: '2001:db8::10/64' });
  const share = (156 / 256) * 100;
  t.deepEqual(predicted('power-off', [sixth(101), sixth(100)]).outage, between(200 + share, 300 + share));
  const half = (priority: number) => node(priority, 'advert_int 1.4');
  t.deepEqual(
    predicted('power-off', [half(101), half(100)]).outage,
    between(2000 + skew(100), 3000 + skew(100)),
  );
});

test('IPv6 speaks version 3, also where nothing says so', (t) => {
  const sixth = (priority: number): Written => ({
    ...node(priority, 'advert_int 0.5'),
    address: '2001:db8::10/64',
  });
  const share = (156 / 256) * 500;
  t.deepEqual(predicted('power-off', [sixth(101), sixth(100)]).outage, between(1000 + share, 1500 + share));
});

test('down_timer_adverts changes what is waited for', (t) => {
  const five = (priority: number) => node(priority, 'down_timer_adverts 5');
  t.deepEqual(
    predicted('power-off', [five(101), five(100)]).outage,
    between(4000 + skew(100), 5000 + skew(100)),
  );
});

test('a farewell costs the skew alone, and what keepalived leaves behind serves on', (t) => {
  const pair = [node(101), node(100)];
  t.deepEqual(predicted('keepalived-stopped', pair).outage, between(skew(100), skew(100)));
  // Its VRRP process may say farewell when its parent dies.
  t.like(predicted('keepalived-dead', pair), { moves: true, holder: 'b', outage: between(0, skew(100)) });
  t.like(predicted('peers-cut', pair), { moves: true, holder: 'b', outage: between(0, 0) });
});

test('two masters that meet again: who followed the lower one waits for the next announcement', (t) => {
  t.like(predicted('peers-back', [node(101), node(100)]), {
    ...{ moves: false, holder: 'a', outage: between(0, 5000), line: 5 },
  });
  const silent = (priority: number) => node(priority, 'garp_master_refresh 0');
  t.like(predicted('peers-back', [silent(101), silent(100)]), { holder: 'a', outage: undefined });
});

test('of three masters that meet again two step down', (t) => {
  const { because } = predicted('peers-back', [node(110), node(100), node(90)]);
  t.regex(
    because,
    /^VI on b and VI on c hear the higher priority and step down; clients that followed the last of them wait/,
  );
});

test('a master that advertises once more when it steps down makes the other announce itself', (t) => {
  const answers = (more: string) => (priority: number) =>
    node(priority, more, 'global_defs {\n vrrp_higher_prio_send_advert true\n}');
  const met = (more: string) => predicted('peers-back', [101, 100].map(answers(more)));
  t.like(met('garp_master_refresh 0'), { holder: 'a', outage: between(0, 0) });
  t.like(met('garp_lower_prio_repeat 0'), { outage: between(0, 5000) });
  t.like(met('higher_prio_send_advert false'), { outage: between(0, 5000) });
});

test('the cable of an interface that carries the address alone: keepalived watches it, unless no_track stands behind the address', (t) => {
  const at = (device: string) => (priority: number) => ({
    ...node(priority),
    address: `10.0.0.10/24 dev ${device}`,
  });
  t.like(predicted('link-down', [101, 100].map(at('eth9'))), {
    ...{ moves: true, holder: 'b', outage: between(skew(100), skew(100)) },
  });
  const untracked = predicted('link-down', [101, 100].map(at('eth9 no_track')));
  t.like(untracked, { moves: false, holder: 'a' });
  t.is(untracked.outage?.min, Number.POSITIVE_INFINITY);
  t.like(predicted('link-down', [101, 100].map(at('eth0'))), {
    outage: between(2000 + skew(100), 3000 + skew(100)),
  });
});

test('of equals the lower address steps down, where the addresses are written', (t) => {
  const at = (address: string) => node(100, `unicast_src_ip ${address}`);
  const met = predicted('peers-back', [at('10.0.0.9'), at('10.0.0.11')]);
  t.like(met, { moves: false, holder: 'b' });
  t.regex(met.because, /VI on a hears the higher address and steps down/);
  t.like(predicted('peers-back', [node(100), node(100)]), { moves: undefined, outage: undefined });
});

test('each event is predicted from the node that held the address when it was measured', (t) => {
  const pair = pairOf([node(100), node(100)]);
  const [situation] = situationsOf(pair, []);
  const [first, second] = situation?.router ?? [];
  if (!situation || !first || !second) throw new Error('The nodes share no virtual router.');
  const all = predictAll(situation, (event) => (event === 'power-off' ? second : first));
  t.like(all[0], { event: 'power-off', target: 'b', holder: 'a' });
  t.like(all[1], { event: 'link-down', target: 'a', holder: 'b' });
});

test('of three that do not hear each other all become master, the lowest priority last', (t) => {
  // Their timers end 39 ms apart: which one ends last is the machine's affair.
  const split = { moves: true, holder: 'c', orHolders: ['b'] };
  t.like(predicted('peers-cut', [node(110), node(100), node(90)]), split);
  t.is(predicted('peers-cut', [node(110), node(100), node(50)]).orHolders, undefined);
});

test('killall is taken to be there: that it may not be is a finding of its own', (t) => {
  const script = check('"killall -0 haproxy"', 'interval 2');
  const pair = pairOf(
    [101, 100].map((priority) => node(priority, TRACKED, script)),
    [],
  );
  const findings = examine(pair, rules);
  t.true(findings.some(({ rule }) => rule === 'check-needs-psmisc'));
  const [situation] = situationsOf(pair, findings);
  t.true(situation && predict('haproxy-dead', situation).moves);
});

test('a check without a weight: fall − 1 to fall intervals, then the skew', (t) => {
  const script = check('"/usr/bin/killall -0 haproxy"', 'interval 2\n fall 3');
  const pair = [node(101, TRACKED, script), node(100, TRACKED, script)];
  t.deepEqual(predicted('haproxy-dead', pair).outage, between(4000 + skew(100), 6000 + skew(100)));
  const hung = predicted('haproxy-hung', pair);
  t.like(hung, { moves: false, holder: 'a', line: 1 });
  t.regex(hung.because, /chk looks whether the process exists: it does not see that HAProxy hangs/);
});

test('a check that asks for a page sees a hang when it gives up, or when keepalived ends it', (t) => {
  const curl = (options: string, more: string) => {
    const script = check(`"/usr/bin/curl ${options} http://127.0.0.1/"`, more);
    return predicted('haproxy-hung', [node(101, TRACKED, script), node(100, TRACKED, script)], '2.2.7');
  };
  const more = 'interval 2\n timeout 1\n fall 2';
  t.deepEqual(curl('-f', more).outage, between(3000 + skew(100), 5000 + skew(100)));
  t.deepEqual(
    near(curl('-f --max-time 0.5', more).outage),
    near(between(2500 + skew(100), 4500 + skew(100))),
  );
  // A time-out equal to the interval, which is the default.
  t.deepEqual(curl('-f', 'interval 2\n fall 2').outage, between(4000 + skew(100), 6000 + skew(100)));
});

test('half seconds of a check count from keepalived 2.3.2 on', (t) => {
  const script = check('"/usr/bin/pidof haproxy"', 'interval 1.5\n fall 2');
  const dead = (version?: string) =>
    predicted('haproxy-dead', [node(101, TRACKED, script), node(100, TRACKED, script)], version).outage;
  t.deepEqual(dead('2.2.7'), between(1000 + skew(100), 2000 + skew(100)));
  t.deepEqual(dead('2.3.2'), between(1500 + skew(100), 3000 + skew(100)));
  t.deepEqual(dead(), between(1000 + skew(100), 3000 + skew(100)));
});

test('keepalived that skips a run which is due takes longer, and an unknown one either', (t) => {
  const script = check('"/usr/bin/curl -f http://127.0.0.1/"', 'interval 2\n fall 2');
  const pair = [node(101, TRACKED, script), node(100, TRACKED, script)];
  t.deepEqual(predicted('haproxy-hung', pair, '2.3.3').outage, between(6000 + skew(100), 8000 + skew(100)));
  t.deepEqual(predicted('haproxy-hung', pair).outage, between(4000 + skew(100), 8000 + skew(100)));
});

/** After a check of this weight has failed, every second and once. */
const weighted = (priorities: readonly number[], weight: number | string, instance = '') => {
  const script = check('"/usr/bin/pidof haproxy"', `weight ${weight}`);
  return predicted(
    'haproxy-dead',
    priorities.map((priority) => node(priority, `${TRACKED}\n${instance}`, script)),
  );
};

test('the example of the docs: 101 − 2 = 99 is still above 98', (t) => {
  const stays = weighted([101, 98], -2);
  t.like(stays, { moves: false, holder: 'a', file: 'a/etc/keepalived/keepalived.conf', line: 3 });
  t.is(stays.because, 'chk has weight −2: 101 − 2 = 99 is still above 98.');
  t.is(stays.advice, 'Give it a weight below −3, or none.');
});

test('a weight that suffices: the backup discards lower advertisements until its timer ends', (t) => {
  t.like(weighted([101, 98], -4), {
    ...{ moves: true, holder: 'b' },
    outage: between(0 + 2000 + skew(98), 1000 + 3000 + skew(98)),
  });
});

test('an equal priority does not take over', (t) => {
  t.regex(weighted([101, 99], -2).because, /101 − 2 = 99 is not below 99\.$/);
});

test('a positive weight counts on all that are well', (t) => {
  t.like(weighted([101, 98], 2), { moves: false });
  const moves = weighted([101, 98], 5);
  t.like(moves, { moves: true, holder: 'b' });
  t.deepEqual(moves.outage, between(2000 + skew(103), 4000 + skew(103)));
});

test('a reversed weight makes a failing node more eager: the address stays', (t) => {
  t.like(weighted([101, 98], '-10 reverse'), { moves: false });
});

test('nopreempt keeps a weighted check from moving anything, unless another node preempts', (t) => {
  const stays = weighted([101, 98], -20, 'nopreempt');
  t.like(stays, { moves: false });
  t.regex(stays.because, /but VI on b has nopreempt/);
  const script = check('"/usr/bin/pidof haproxy"', 'weight -20');
  const third = predicted('haproxy-dead', [
    node(101, TRACKED, script),
    node(100, 'nopreempt'),
    node(90, TRACKED, script),
  ]);
  t.like(third, { moves: true, holder: 'c' });
});

test('preempt_delay delays a weighted take-over as well', (t) => {
  t.deepEqual(
    weighted([101, 98], -20, 'preempt_delay 10').outage,
    between(10_000 + 2000 + skew(98), 1000 + 11_000 + 3000 + skew(98)),
  );
});

test('the owner of the address ignores weights', (t) => {
  const stays = weighted([255, 98], -200);
  t.like(stays, { moves: false });
  t.regex(stays.because, /which the owner of the address \(priority 255\) ignores/);
});

test('nothing that looks at HAProxy: the address stays, and the instance is named', (t) => {
  t.like(predicted('haproxy-dead', [node(101), node(100)]), { moves: false, line: 2 });
  const blind = (script: string, files = {}) => {
    const text = check(script);
    const written = { ...node(101, TRACKED, text), files };
    return predicted('haproxy-dead', [written, { ...written, priority: 100 }]);
  };
  t.regex(blind('"/usr/bin/ping -c 1 10.0.0.1"').because, /chk pings/);
  const path = 'etc/keepalived/check.sh';
  const never = blind(`/${path}`, { [path]: '#!/bin/sh\npidof haproxy\nexit 0\n' });
  t.like(never, { moves: false });
  t.regex(never.because, /chk cannot fail: it ends with "exit 0"/);
  t.regex(blind('/etc/keepalived/gone.sh').because, /chk is left out by keepalived \(script-missing\)/);
});

test('a check of which nobody knows what it does: it cannot be told', (t) => {
  const path = 'etc/keepalived/check.py';
  const script = check(`/${path}`);
  const written = { ...node(101, TRACKED, script), files: { [path]: '#!/usr/bin/python3\nimport sys\n' } };
  const unsure = predicted('haproxy-dead', [written, { ...written, priority: 100 }]);
  t.like(unsure, { moves: undefined, outage: undefined, line: 1 });
  t.regex(unsure.because, /chk is a program that is not known/);
});

test('keepalived follows a process at once, and does not see it hang', (t) => {
  const process = 'vrrp_track_process p {\n process haproxy\n terminate_delay 0.5\n}\n';
  const tracked = (priority: number) => node(priority, 'track_process { p }', process);
  const pair = [tracked(101), tracked(100)];
  t.deepEqual(predicted('haproxy-dead', pair).outage, between(500 + skew(100), 500 + skew(100)));
  t.like(predicted('haproxy-hung', pair), { moves: false });
});

test('the old master returns: the higher priority, nopreempt and the initial state decide', (t) => {
  t.like(predicted('return', [node(101), node(100)]), { moves: true, holder: 'a', outage: between(0, 0) });
  t.like(predicted('return', [node(101, 'nopreempt'), node(100)]), { moves: false, holder: 'b', line: 7 });
  const ignored = predicted('return', [node(101, 'state MASTER\n nopreempt'), node(100)]);
  t.like(ignored, { moves: true, holder: 'a', line: 8 });
  t.regex(ignored.because, /nopreempt is ignored, as its initial state is MASTER/);
  const later = predicted('return', [node(101, 'preempt_delay 30'), node(100)]);
  t.regex(later.because, /32\.61 s to 34\.61 s after it hears b, 30 s of them for preempt_delay/);
});

test('in a sync group the slowest member decides, and nopreempt of one keeps all', (t) => {
  const group = (name: string, instance: string, priority: number) => `vrrp_instance ${name} {
  interface eth1
  virtual_router_id 9
  priority ${priority}
  ${instance}
  virtual_ipaddress { 10.1.0.10/24 }
}
vrrp_sync_group G { group { VI ${name} } }
`;
  const pair = (more: string) => [
    node(101, '', group('V2', more, 101)),
    node(100, '', group('V2', more, 50)),
  ];
  t.deepEqual(predicted('power-off', pair('')).outage, between(2000 + skew(50), 3000 + skew(50)));
  t.deepEqual(predicted('keepalived-stopped', pair('')).outage, between(skew(50), skew(50)));
  t.like(predicted('return', pair('nopreempt')), { moves: false, holder: 'b' });
});

test('where the nodes do not hear each other, nothing can be told, and the mistake is named', (t) => {
  const deaf = predicted('power-off', [node(101), { ...node(100), instance: 'virtual_router_id 8' }]);
  t.like(deaf, { moves: undefined, outage: undefined });
  t.regex(deaf.because, /do not hear each other/);
  t.truthy(deaf.advice);
});

test('a tracked interface beside the own one: a fault costs the skew, a weight moves what it lowers enough', (t) => {
  const linked = (weight: string, device = '') =>
    allPredicted(
      [101, 98].map((priority) => ({
        ...node(priority, `track_interface { eth1 ${weight} }`),
        address: `10.0.0.10/24 ${device}`,
      })),
    ).find((each) => (device === '' ? each.interface === 'eth1' : each.event === 'link-down'));
  t.like(linked(''), { event: 'link-down', moves: true, holder: 'b', outage: between(skew(98), skew(98)) });
  t.like(linked('weight -10'), { moves: true, holder: 'b', outage: between(0, 0) });
  t.like(linked('weight -10', 'dev eth1'), { outage: between(2000 + skew(98), 3000 + skew(98)) });
  t.like(linked('weight -2'), { moves: false, holder: 'a', outage: between(0, 0) });
  const cut = linked('weight -2', 'dev eth1');
  t.is(cut?.outage?.min, Number.POSITIVE_INFINITY);
  t.truthy(cut?.advice);
});

test('a mistake of another virtual router leaves this one alone', (t) => {
  const second = (id: number) => `vrrp_instance V0 {
  interface eth0
  virtual_router_id ${id}
  virtual_ipaddress { 10.0.0.20/24 }
}
`;
  const nodes = [node(101, '', second(20)), node(100, '', second(21))];
  const outcomes = allPredicted(nodes).filter(({ event }) => event === 'power-off');
  t.deepEqual(
    outcomes.map(({ instance, moves }) => [instance, moves]),
    [
      ['V0', undefined],
      ['VI', true],
    ],
  );
});

const anyNode = fc.record({
  priority: fc.integer({ min: 1, max: 254 }),
  state: fc.constantFrom('MASTER', 'BACKUP'),
  nopreempt: fc.boolean(),
});
const anyNodes = fc.uniqueArray(anyNode, {
  minLength: 2,
  maxLength: 5,
  selector: ({ priority }) => priority,
});

test('whatever the nodes are: the second takes over from silence, within one interval', (t) => {
  fc.assert(
    fc.property(anyNodes, fc.integer({ min: 1, max: 9 }), (nodes, interval) => {
      const written = nodes.map(({ priority, state }) =>
        node(priority, `state ${state}\n advert_int ${interval}`),
      );
      const { target, holder, outage } = predicted('power-off', written);
      const order = nodes.map(({ priority }, n) => ({ priority, name: 'abcde'[n] }));
      order.sort((one, other) => other.priority - one.priority);
      t.is(target, order[0]?.name ?? '');
      t.is(holder, order[1]?.name);
      t.is((outage?.max ?? 0) - (outage?.min ?? 0), interval * 1000);
    }),
  );
});

test('whatever the nodes are: a weight moves the address exactly where a preempting node is above what is left', (t) => {
  fc.assert(
    fc.property(anyNodes, fc.integer({ min: -253, max: -1 }), (nodes, weight) => {
      const script = check('"/usr/bin/pidof haproxy"', `weight ${weight}`);
      const written = nodes.map(({ priority, state, nopreempt }) =>
        node(priority, `state ${state}\n${nopreempt ? ' nopreempt' : ''}\n${TRACKED}`, script),
      );
      const [first, ...others] = nodes.toSorted((one, other) => other.priority - one.priority);
      const left = Math.max(1, (first?.priority ?? 0) + weight);
      const takes = others.some(
        ({ priority, state, nopreempt }) => priority > left && (state === 'MASTER' || !nopreempt),
      );
      t.is(predicted('haproxy-dead', written).moves, takes);
    }),
  );
});

test('every event has a cause with its file and line', (t) => {
  fc.assert(
    fc.property(anyNodes, fc.constantFrom(...EVENTS), (nodes, event) => {
      const written = nodes.map(({ priority }) => node(priority));
      const { because, file, line } = predicted(event, written);
      t.regex(file, /^[a-e]\/etc\/keepalived\/keepalived\.conf$/);
      t.true(line > 0 && because.length > 0);
    }),
  );
});
