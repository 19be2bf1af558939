import test from 'ava';
import { WrongWord } from '../vocabulary/word.ts';
import { controls, givenIn } from './controls.ts';

const offered = (amphorae: boolean, members = ['backend-1']) =>
  String(controls({ machines: ['one', 'other'], members, amphorae, examples: new Map() }));

test('a pair is offered nothing that needs an agent, and has machines', (t) => {
  t.regex(offered(true), /data-word="stopHaproxy"[\s\S]*<option[^>]*>agent</);
  const pair = offered(false);
  t.notRegex(pair, /stopHaproxy|>agent<|amphora/);
  t.regex(pair, /<option >one<\/option><option >other</);
});

test('the lab’s back ends are offered as members; where there are none, no member can be lost', (t) => {
  t.regex(offered(true), /data-word="loseMember".*?<option >backend-1<\/option><\/select>/s);
  t.notRegex(offered(true, []), /loseMember|raiseMember/);
});

test('a number has the bounds that its word has', (t) => {
  t.regex(offered(true), /data-word="flapPort".*?min="1" max="100" step="1" data-unit="times"/s);
  t.regex(offered(true), /data-word="loseSomeAdvertisements".*?max="100" step="any" data-unit="percent"/s);
});

test('a machine or a member that is not there is refused, with the field that names it', (t) => {
  const one = { instance: { name: 'one' } };
  const given = (word: string, ...given: unknown[]) =>
    givenIn({ part: 'fault', word, given }, [one] as never, ['backend-1']);
  t.deepEqual(given('loseMember', 'backend-1'), ['backend-1']);
  t.deepEqual(given('kill', 'haproxy', 'one'), ['haproxy', one]);
  const refused = (...order: Parameters<typeof given>) =>
    t.throws(() => given(...order), { instanceOf: WrongWord });
  t.like(refused('kill', 'haproxy', 'two'), {
    message: 'There is no machine "two"; there are one.',
    argument: 1,
  });
  t.like(refused('loseMember', {}), { message: 'There is no member {}; there are backend-1.', argument: 0 });
});
