import test from 'ava';
import { healthMessage } from './health-message.ts';

const STATISTICS = `# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,status,weight,
listener,FRONTEND,,,3,4,100,12,1000,2000,0,0,1,OPEN,,
pool:listener,one,0,0,0,1,,6,500,1000,,0,,UP,1,
pool:listener,two,0,0,0,1,,6,500,1000,,0,,UP,0,
pool:listener,three,0,0,0,1,,0,0,0,,0,,no check,1,
pool:listener,BACKEND,0,0,0,1,10,12,1000,2000,0,0,,UP,2,
prometheus-exporter,FRONTEND,,,0,0,100,5,1,1,0,0,0,OPEN,,
`;

test('a heartbeat tells of listeners, pools and members in the words of HAProxy', (t) => {
  const { message } = healthMessage({ id: 'a', seq: 7, statistics: [STATISTICS], before: {} });
  t.deepEqual(message, {
    id: 'a',
    seq: 7,
    listeners: {
      listener: { status: 'OPEN', stats: { tx: 2000, rx: 1000, conns: 3, totconns: 12, ereq: 1 } },
    },
    pools: {
      'pool:listener': { status: 'UP', members: { one: 'UP', two: 'DRAIN', three: 'no check' } },
    },
    ver: 3,
  });
});

test('counters are sent as differences, and from zero after a restart of HAProxy', (t) => {
  const first = healthMessage({ id: 'a', seq: 0, statistics: [STATISTICS], before: {} });
  const again = healthMessage({ id: 'a', seq: 1, statistics: [STATISTICS], before: first.counters });
  t.like(again.message.listeners.listener?.stats, { tx: 0, rx: 0, totconns: 0, conns: 3 });
  const restarted = STATISTICS.replace(',12,1000,2000,', ',2,100,2001,');
  const after = healthMessage({ id: 'a', seq: 2, statistics: [restarted], before: again.counters });
  t.like(after.message.listeners.listener?.stats, { tx: 1, rx: 100, totconns: 2 });
});

test('an amphora without HAProxy beats too', (t) => {
  const { message } = healthMessage({ id: 'a', seq: 0, statistics: [], before: {} });
  t.deepEqual(message, { id: 'a', seq: 0, listeners: {}, pools: {}, ver: 3 });
});
