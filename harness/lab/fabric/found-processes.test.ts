import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { FoundProcesses, processName } from './found-processes.ts';

const LOOK_EVERY_MS = 50;
const LIMIT_MS = 20_000;

test('processes are distinguished by their program and their parent', (t) => {
  const vrrp = '/usr/sbin/keepalived -D -d -f /var/lib/octavia/vrrp/octavia-keepalived.conf';
  const haproxy = '/usr/sbin/haproxy -Ws -f /var/lib/octavia/x/haproxy.cfg';
  t.is(processName(vrrp, '/sbin/init'), "keepalived's parent");
  t.is(processName(vrrp, vrrp), 'keepalived');
  t.is(processName(haproxy, '/sbin/init'), "HAProxy's master");
  t.is(processName(`${haproxy} -sf 17`, haproxy), 'HAProxy');
  t.is(processName('node /opt/amphora-agent/agent.mjs', '/sbin/init'), 'the agent');
  t.is(processName('/usr/bin/python3 /usr/bin/amphora-agent --config-file x', '/sbin/init'), 'the agent');
  t.is(processName('/lib/systemd/systemd-journald', '/sbin/init'), undefined);
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
  const both = await until((all) => all.filter(({ waitedMs }) => waitedMs > 5).length === 2);
  const waiting = both.filter(({ waitedMs }) => waitedMs > 5).map(({ process }) => process);
  t.deepEqual(waiting.toSorted(), ["HAProxy's master", "keepalived's parent"]);
});
