import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { FoundProcesses, processName } from './found-processes.ts';

const LOOK_EVERY_MS = 50;
const LIMIT_MS = 20_000;

test('processes are distinguished by their program and their parent', (t) => {
  const vrrp = '/usr/sbin/keepalived -D -d -f /var/lib/octavia/vrrp/octavia-keepalived.conf';
  const haproxy = '/usr/sbin/haproxy -Ws -f /var/lib/octavia/x/haproxy.cfg';
  const named = (command: string, parent = '/sbin/init') => processName(command, parent);
  t.is(named(vrrp), "keepalived's parent");
  t.is(named(vrrp, vrrp), 'keepalived');
  t.is(named(haproxy), "HAProxy's master");
  t.is(named(`${haproxy} -sf 17`, haproxy), 'HAProxy');
  t.is(named('node /opt/amphora-agent/agent.cjs'), 'the agent');
  t.is(named('/usr/bin/python3 /usr/bin/amphora-agent --config-file x'), 'the agent');
  t.is(named('/lib/systemd/systemd-journald'), undefined);
});

test('the back ends run in the background: their process is a root of its own', (t) => {
  const background = spawn('sleep', ['60']);
  t.teardown(() => background.kill('SIGKILL'));
  using found = new FoundProcesses();
  found.lookAgain([
    { node: 'fabric', pid: process.pid },
    { node: 'fabric', pid: background.pid ?? 0 },
  ]);
  t.deepEqual(
    found.waited().map(({ process }) => process),
    ['the prober', 'the back ends'],
  );
});

test('what two processes wait for one processor is seen, also of one that came later', async (t) => {
  const spin = (name: string) => `bash -c 'exec -a ${name} bash -c "while :; do :; done"' &`;
  // Both on one processor, at normal priority.
  const first = spawn(
    'taskset',
    ['-c', '0', 'bash', '-c', `${spin('keepalived')} read -r _; ${spin('haproxy')} wait`],
    {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    },
  );
  const { pid = 0 } = first;
  t.teardown(() => process.kill(-pid, 'SIGKILL'));
  using found = new FoundProcesses();
  const look = () => {
    found.lookAgain([{ node: 'amphora-1', pid }]);
    return found.waited();
  };
  const untilMs = performance.now() + LIMIT_MS;
  const until = async (wanted: (all: ReturnType<typeof look>) => boolean) => {
    let all = look();
    while (!wanted(all) && performance.now() < untilMs) {
      await delay(LOOK_EVERY_MS);
      all = look();
    }
    return all;
  };
  const alone = await until((all) => all.length > 1);
  t.deepEqual(
    alone.map(({ node, process }) => [node, process]),
    [
      ['amphora-1', 'systemd'],
      ['amphora-1', "keepalived's parent"],
    ],
  );
  first.stdin.write('\n');
  const spinning = ["HAProxy's master", "keepalived's parent"];
  const waitOf = (all: ReturnType<typeof look>, name: string) =>
    all.find(({ process }) => process === name)?.waitedMs ?? 0;
  const both = await until((all) => spinning.every((name) => waitOf(all, name) > 5));
  for (const name of spinning) t.true(waitOf(both, name) > 5, `${name} waited ${waitOf(both, name)} ms`);
});
