import test from 'ava';
import { catalogue } from '../scenario/catalogue.ts';
import { MUTATIONS } from './mutations.ts';

test('every mutation aims at scenarios that exist', async (t) => {
  const names = new Set((await catalogue()).scenarios.map(({ name }) => name));
  for (const { name, aims } of MUTATIONS) {
    t.true(aims.length > 0, name);
    for (const aim of aims) t.true(names.has(aim), `${name} aims at ${aim}`);
  }
});

test('every scenario is made to notice a mutation, but those that need a module of the kernel, or a third machine', async (t) => {
  const aimed = new Set(MUTATIONS.flatMap(({ aims }) => aims));
  const names = (await catalogue()).scenarios.map(({ name }) => name);
  t.deepEqual(
    names.filter((name) => !aimed.has(name)),
    ['delayed-network', 'third-machine', 'udp-master-kill', 'udp-member-down'],
  );
});

test('a slow advertisement is twice the configured one, in fractions too', (t) => {
  const slow = MUTATIONS.find(({ name }) => name === 'advertisements-slow');
  t.is(slow?.alter('    advert_int 0.1\n'), '    advert_int 0.2\n');
});

test('without its refresh, the rest of keepalived.conf is what it was', (t) => {
  const off = MUTATIONS.find(({ name }) => name === 'garp-refresh-off');
  t.is(
    off?.alter('nopreempt\n  garp_master_refresh 5\n  garp_master_refresh_repeat 2\n  advert_int 1\n'),
    'nopreempt\n  advert_int 1\n',
  );
});
