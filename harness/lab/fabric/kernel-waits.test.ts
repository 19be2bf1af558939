import test from 'ava';
import { KernelWaits } from './kernel-waits.ts';

const TICK_NS = 5_000_000n;
const keepalived = [{ node: 'amphora-2', process: 'keepalived', pid: 7 }];

/** The reported waits of a process that is found sleeping in these places, one look after the other. */
function told(places: readonly (string | undefined)[]) {
  let place: string | undefined;
  using waits = new KernelWaits(0n, () => place);
  return places.flatMap((next, n) => {
    place = next;
    return waits.look(keepalived, BigInt(n + 1) * TICK_NS);
  });
}

test('a blocked request to the network is reported once it continues, with its length', (t) => {
  const places = ['do_epoll_wait', ...Array(15).fill('inet_rtm_newaddr'), 'do_epoll_wait', 'do_epoll_wait'];
  const [wait, ...others] = told(places);
  t.deepEqual(others, []);
  t.like(wait, {
    node: 'amphora-2',
    cause: 'lock',
    request: 'inet_rtm_newaddr',
    atNs: TICK_NS,
    untilNs: 17n * TICK_NS,
  });
  // Between 70 and 80 ms, in the looks of every 5 ms.
  t.is(wait?.waitedMs, 77.5);
});

test('requests over IPv6, for routes and for links count too', (t) => {
  for (const place of ['inet6_rtm_newaddr', 'inet_rtm_newroute', 'rtnetlink_rcv_msg', 'rtnl_lock']) {
    t.is(told(['0', place, place, '0']).length, 1, place);
  }
});

test('who runs, waits for work, is slow at its own, or is seen in a request only once does not wait for the lock', (t) => {
  const idle = ['0', 'do_epoll_wait', 'hrtimer_nanosleep', 'synchronize_rcu_normal', '', undefined];
  for (const place of idle) t.deepEqual(told(['0', place, place, '0']), [], place);
  t.deepEqual(told(['0', 'inet_rtm_newaddr', '0']), []);
});

test('code that comes from the disk at its first use is a wait for the disk', (t) => {
  const [wait] = told(['do_epoll_wait', ...Array(4).fill('folio_wait_bit_common'), 'do_epoll_wait']);
  t.like(wait, { process: 'keepalived', cause: 'disk', request: 'folio_wait_bit_common', waitedMs: 22.5 });
});
