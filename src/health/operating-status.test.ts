import { createHmac } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import test from 'ava';
import { parseLoadBalancer } from '../domain/api/parse.ts';
import { decodeHeartbeat, type HealthMessage } from './message.ts';
import { type OperatingStatus, operatingStatuses, reportsAll, type Watched } from './operating-status.ts';

const LB = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c001';
const WEB = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c002';
const DNS = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c003';
const OFF = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c004';
const POOL = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c005';
const ONE = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c006';
const TWO = '7cb80a1e-8dbe-4c4b-8c6c-b1b0e7d3c007';
const STATS = { tx: 0, rx: 0, conns: 0, totconns: 0, ereq: 0 };

function watched({
  provisioning_status = 'ACTIVE',
  member = 'ONLINE' as OperatingStatus,
  ...fields
}: {
  readonly provisioning_status?: string;
  readonly member?: OperatingStatus;
  readonly admin_state_up?: boolean;
} = {}): Watched {
  const loadBalancer = parseLoadBalancer({
    id: LB,
    name: 'lb1',
    vip_address: '172.16.1.10',
    listeners: [
      {
        id: WEB,
        protocol: 'HTTP',
        protocol_port: 80,
        default_pool: {
          id: POOL,
          name: 'pool',
          protocol: 'HTTP',
          members: [
            { id: ONE, address: '10.0.0.1', protocol_port: 80 },
            { id: TWO, address: '10.0.0.2', protocol_port: 80 },
          ],
        },
      },
      { id: DNS, protocol: 'UDP', protocol_port: 53 },
      { id: OFF, protocol: 'TCP', protocol_port: 81, admin_state_up: false },
    ],
    ...fields,
  });
  const statuses = { [ONE]: { operating_status: member }, [TWO]: { operating_status: member } };
  return { loadBalancer, provisioning_status, statuses };
}

interface Told {
  readonly web?: string;
  readonly pool?: string;
  readonly one?: string;
  readonly two?: string;
}

function message({ web = 'OPEN', pool = 'UP', one, two }: Told): HealthMessage {
  return {
    id: 'a',
    ver: 3,
    listeners: { [WEB]: { status: web, stats: STATS }, [DNS]: { status: 'OPEN', stats: STATS } },
    pools: {
      [`${POOL}:${WEB}`]: {
        status: pool,
        members: { ...(one && { [ONE]: one }), ...(two && { [TWO]: two }) },
      },
    },
  };
}

/** What a heartbeat says, and what becomes of it: load balancer, listener, pool, first member. */
const WORDS: readonly [Told, readonly (OperatingStatus | undefined)[]][] = [
  [{ one: 'UP' }, ['ONLINE', 'ONLINE', 'ONLINE', 'ONLINE']],
  [{ one: 'UP 1/3' }, ['ONLINE', 'ONLINE', 'ONLINE', 'ONLINE']],
  [{ one: 'DOWN' }, ['DEGRADED', 'ONLINE', 'DEGRADED', 'ERROR']],
  [{ one: 'DOWN 2/3' }, ['DEGRADED', 'ONLINE', 'DEGRADED', 'ERROR']],
  [{ one: 'DRAIN' }, ['ONLINE', 'ONLINE', 'ONLINE', 'DRAINING']],
  [{ one: 'MAINT' }, ['ONLINE', 'ONLINE', 'ONLINE', 'OFFLINE']],
  [{ one: 'no check' }, ['ONLINE', 'ONLINE', 'ONLINE', 'NO_MONITOR']],
  [{ one: 'RESTARTING' }, ['ONLINE', 'ONLINE', 'ONLINE', undefined]],
  [{ one: 'NOLB' }, ['ONLINE', 'ONLINE', 'ONLINE', undefined]],
  [{}, ['ONLINE', 'ONLINE', 'ONLINE', 'OFFLINE']],
  [{ pool: 'DOWN', one: 'DOWN' }, ['ERROR', 'ONLINE', 'ERROR', 'ERROR']],
  [{ pool: 'STOP', one: 'DOWN' }, ['ONLINE', 'ONLINE', undefined, 'ERROR']],
  [{ web: 'FULL', one: 'UP' }, ['DEGRADED', 'DEGRADED', 'ONLINE', 'ONLINE']],
  [{ web: 'FULL', pool: 'DOWN', one: 'DOWN' }, ['ERROR', 'DEGRADED', 'ERROR', 'ERROR']],
  [{ web: 'STOP', one: 'UP' }, ['ONLINE', undefined, 'ONLINE', 'ONLINE']],
];

for (const [told, expected] of WORDS) {
  test(`a heartbeat with ${JSON.stringify(told)} in upstream's words`, (t) => {
    const found = operatingStatuses(watched(), message({ two: 'UP', ...told }));
    t.deepEqual(
      [LB, WEB, POOL, ONE].map((id) => found[id]),
      [...expected],
    );
  });
}

test('a member without monitor that is not told of stays so', (t) => {
  t.is(operatingStatuses(watched({ member: 'NO_MONITOR' }), message({}))[ONE], undefined);
});

test('a listener that is not told of is in error, unless it is disabled or the load balancer is being changed', (t) => {
  const nothing: HealthMessage = { id: 'a', ver: 3, listeners: {}, pools: {} };
  const active = operatingStatuses(watched(), nothing);
  t.deepEqual(
    [active[WEB], active[OFF], active[POOL], active[LB]],
    ['ERROR', 'OFFLINE', 'OFFLINE', 'ONLINE'],
  );
  t.is(operatingStatuses(watched({ provisioning_status: 'PENDING_UPDATE' }), nothing)[WEB], 'OFFLINE');
});

test('a load balancer that is disabled is offline', (t) => {
  t.is(
    operatingStatuses(watched({ admin_state_up: false }), message({ one: 'UP', two: 'UP' }))[LB],
    'OFFLINE',
  );
});

test('a pool that two listeners use is as the last says from version 2 on', (t) => {
  const told = message({ one: 'UP', two: 'UP' });
  const pools = { ...told.pools, [`${POOL}:${DNS}`]: { status: 'DOWN', members: {} } };
  t.is(operatingStatuses(watched(), { ...told, pools })[POOL], 'ERROR');
});

/** As an amphora of Rocky sends it: neither `ver` nor `seq`, pools in their listeners, the digest as it is. */
function fromRocky(listeners: unknown): HealthMessage {
  const payload = deflateSync(JSON.stringify({ id: 'a', listeners }));
  return decodeHeartbeat(
    Buffer.concat([payload, createHmac('sha256', 'key').update(payload).digest()]),
    'key',
  );
}

const rockyWeb = (status: string) => ({
  status: 'OPEN',
  stats: STATS,
  pools: { [POOL]: { status, members: { [ONE]: status, [TWO]: 'UP' } } },
});

test('an amphora of Rocky is understood: pools stand in their listeners, and the first listener counts', (t) => {
  const found = operatingStatuses(
    watched(),
    fromRocky({ [DNS]: { ...rockyWeb('UP') }, [WEB]: rockyWeb('DOWN'), stranger: rockyWeb('UP') }),
  );
  t.like(found, { [LB]: 'ERROR', [WEB]: 'ONLINE', [POOL]: 'ERROR', [ONE]: 'ERROR', [TWO]: 'ONLINE' });
});

test('a heartbeat is a sign of life when it reports as many listeners as are enabled', (t) => {
  const whole = message({});
  const { [DNS]: _, ...webAlone } = whole.listeners;
  t.true(reportsAll(watched(), whole));
  t.false(reportsAll(watched(), { ...whole, listeners: webAlone }), 'one is missing');
  t.false(reportsAll(watched(), { ...whole, listeners: {} }), 'HAProxy is dead, and the agent lives');
  t.true(reportsAll(watched({ provisioning_status: 'PENDING_UPDATE' }), { ...whole, listeners: {} }));
  t.true(reportsAll(watched({ admin_state_up: false }), { ...whole, listeners: {} }));
});

test('of an amphora of Rocky, a UDP listener without an enabled member is not expected', (t) => {
  t.true(reportsAll(watched(), fromRocky({ [WEB]: rockyWeb('UP') })));
  t.false(reportsAll(watched(), { ...fromRocky({ [WEB]: rockyWeb('UP') }), ver: 1 }));
});
