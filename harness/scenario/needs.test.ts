import test from 'ava';
import { OWN_UNDER_TEST } from '../system/under-test.ts';
import { scenariosNamed } from './catalogue.ts';
import { whyNot } from './needs.ts';

const PAIR = { parts: {}, texts: {} };
const pairOf = (machines: number) => ({ ...PAIR, pair: { folder: '/pair', digest: '', machines } });

for (const [name, machines, reason] of [
  ['master-kill', 2, undefined],
  ['keepalived-stop', 3, undefined],
  ['member-change', 2, /needs a controller, and the pair has none/],
  ['amphora-failover', 2, /needs a controller/],
  ['agent-kill', 2, /needs an agent/],
  ['haproxy-stop-by-agent', 2, /needs an agent/],
  ['health-manager-failover', 2, /needs heartbeats/],
  ['ipv6-vip', 2, /a load balancer of its own \(vip_address\)/],
  ['vrrpv3-100ms', 2, /rendered configurations \(vrrp_version, advert_int\)/],
  ['third-machine', 2, /needs three or more machines; there are 2/],
  ['third-machine', 5, undefined],
  ['both-lose-power', 3, /needs two machines; there are 3/],
] as const) {
  test(`${name} of a pair of ${machines}: ${reason ? 'skipped' : 'told'}`, async (t) => {
    const [scenario] = await scenariosNamed([name]);
    const why = scenario && (await whyNot(scenario, pairOf(machines)));
    if (reason) t.regex(why ?? '', reason);
    else t.is(why, undefined);
  });
}

for (const [name, takesBackMs, reason] of [
  ['master-return', undefined, undefined],
  ['master-return', 3609, /needs an old master that stays backup, and this pair's takes the VIP back/],
  ['master-return-rocky', 3609, undefined],
  ['master-return-rocky', undefined, /takes the VIP back, and this pair's stays backup/],
  ['master-return-rocky', 300_000, /after up to 300 s, longer than a scenario watches/],
] as const) {
  test(`${name} of a pair that takes the VIP back after ${takesBackMs} ms`, async (t) => {
    const [scenario] = await scenariosNamed([name]);
    const { pair } = pairOf(2);
    const known = { ...PAIR, pair: { ...pair, ...(takesBackMs !== undefined && { takesBackMs }) } };
    const why = scenario && (await whyNot(scenario, known));
    if (reason) t.regex(why ?? '', reason);
    else t.is(why, undefined);
  });
}

for (const name of ['keepalived-kill', 'keepalived-hang', 'master-container-kill']) {
  test(`${name} of a pair whose machines share a MAC: skipped`, async (t) => {
    const [scenario] = await scenariosNamed([name]);
    const { pair } = pairOf(2);
    const why = (known: typeof pair & { oneMac?: true }) =>
      scenario && whyNot(scenario, { ...PAIR, pair: known });
    t.regex((await why({ ...pair, oneMac: true })) ?? '', /a VIP with the MAC of its machine/);
    t.is(await why(pair), undefined);
  });
}

for (const name of ['port-cut', 'port-flap']) {
  test(`${name} of a pair whose VIP is on another interface than VRRP: skipped`, async (t) => {
    const [scenario] = await scenariosNamed([name]);
    const { pair } = pairOf(2);
    const why = (known: typeof pair & { twoCables?: true }) =>
      scenario && whyNot(scenario, { ...PAIR, pair: known });
    t.regex((await why({ ...pair, twoCables: true })) ?? '', /VRRP on the interface of the VIP/);
    t.is(await why(pair), undefined);
  });
}

test('amphorae are asked everything but for a third one', async (t) => {
  const [change, third] = await scenariosNamed(['member-change', 'third-machine']);
  t.is(change && (await whyNot(change, OWN_UNDER_TEST)), undefined);
  t.regex((third && (await whyNot(third, OWN_UNDER_TEST))) ?? '', /three or more machines/);
});
