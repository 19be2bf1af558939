import test from 'ava';
import { controls } from './controls.ts';

const offered = (amphorae: boolean) =>
  String(controls({ machines: ['one', 'other'], amphorae, examples: new Map() }));

test('a pair is offered nothing that needs an agent, and has machines', (t) => {
  t.regex(offered(true), /data-word="stopHaproxy"[\s\S]*<option[^>]*>agent</);
  const pair = offered(false);
  t.notRegex(pair, /stopHaproxy|>agent<|amphora/);
  t.regex(pair, /<option >one<\/option><option >other</);
});
