import test from 'ava';
import { AGENTS, isAgent } from './agents.ts';

test('upstream’s agent keeps whole seconds between heartbeats, the testbed’s any', (t) => {
  t.regex(AGENTS.octavia.cannot({ heartbeatIntervalS: 0.5 }) ?? '', /whole seconds.*0\.5 s/);
  for (const heartbeatIntervalS of [undefined, 1, 10]) {
    t.is(AGENTS.octavia.cannot({ heartbeatIntervalS }), undefined);
  }
  t.is(AGENTS.own.cannot({ heartbeatIntervalS: 0.5 }), undefined);
});

test('an agent is known by its command line, and what only names its file is none', (t) => {
  t.true(isAgent('/usr/bin/python3 /usr/bin/amphora-agent --config-file /etc/octavia/amphora-agent.conf'));
  t.true(isAgent('/usr/local/bin/node /opt/amphora-agent/agent.cjs'));
  t.false(isAgent('cat /etc/octavia/amphora-agent.conf'));
});
