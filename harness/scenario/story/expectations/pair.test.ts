import test from 'ava';
import { STRANGER } from '../../../lab/addresses.ts';
import type { LabNode } from '../../../lab/lab.ts';
import {
  address,
  advertisement,
  announcement,
  type Fate,
  fault,
  neighbour,
  request,
  requests,
} from '../../../observations/history.fixture.ts';
import type { Observation } from '../../../observations/observation.ts';
import { BACKUP, type Case, lookedAt, MAC, MASTER, testCases } from '../../world/world.fixture.ts';

const LOSS = fault(0, 2);
const BY_MASTER: Fate = { by: MASTER.vrrp_ip };
const BY_BACKUP: Fate = { by: BACKUP.vrrp_ip };
const LOST: Fate = { failure: 'timeout' };
const FROM_BACKUP = { node: 'amphora-2', ip: BACKUP.vrrp_ip };
/** The backup asks for the MAC of its dead peer. */
const asks = (ms: number): Observation => {
  const { frame, ...rest } = announcement(ms, 'amphora-2');
  const question = { targetIp: MASTER.vrrp_ip, senderIp: BACKUP.vrrp_ip, gratuitous: false };
  return { ...rest, frame: { ...frame, ...question } as typeof frame };
};
const state = (name: string) => ` VRRP Instance = o1\n   State = ${name}\n`;
const REPLACEMENT = { ...MASTER, id: 'id-3', instance: { ...MASTER.instance, name: 'amphora-3' } };

/** Each expectation with a history in which it holds, and with others in which it does not. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  advertisementFrom: [
    {
      expect: (expect) => expect.advertisementFrom(BACKUP, LOSS),
      after: [advertisement(3600, FROM_BACKUP, 90)],
      holds: /^3600\.0 ms after power loss$/,
    },
    {
      expect: (expect) => expect.advertisementFrom(BACKUP, LOSS),
      before: [advertisement(-500, FROM_BACKUP, 90)],
      after: [advertisement(500, { node: 'amphora-1', ip: MASTER.vrrp_ip }, 100)],
      fails:
        /^advertisement from amphora-2 was not seen within \d+ ms; .*advertisement with priority 100 from amphora-1\.$/,
    },
  ],
  'advertisementFrom, where the MAC of its peer is not known': [
    {
      expect: (expect) => expect.advertisementFrom(BACKUP, LOSS),
      answers: { run: () => '', keepalived: state('MASTER') },
      after: [asks(1000), address(3600, 'added', 'amphora-2'), asks(4000), asks(5000)],
      holds: /^4000\.0 ms after power loss, it asks for the MAC of 172\.16\.1\.3, for which .* is MASTER$/,
    },
    {
      expect: (expect) => expect.advertisementFrom(BACKUP, LOSS),
      answers: { run: () => '', keepalived: state('BACKUP') },
      after: [address(3600, 'added', 'amphora-2'), asks(4000)],
      fails: /its keepalived is BACKUP$/,
    },
    {
      expect: (expect) => expect.advertisementFrom(BACKUP, LOSS),
      after: [asks(1000), announcement(3700, 'amphora-2')],
      fails: /was not seen within/,
    },
  ],
  farewellFrom: [
    {
      expect: (expect) => expect.farewellFrom(BACKUP, LOSS),
      after: [advertisement(10, FROM_BACKUP, 90), advertisement(20, FROM_BACKUP, 0)],
      holds: /^20\.0 ms/,
    },
    {
      expect: (expect) => expect.farewellFrom(BACKUP, LOSS),
      after: [advertisement(10, FROM_BACKUP, 90)],
      fails: /farewell \(priority 0\) from amphora-2 was not seen/,
    },
  ],
  vipOn: [
    {
      expect: (expect) => expect.vipOn(BACKUP, LOSS),
      before: [address(-100, 'added', 'amphora-2'), address(3500, 'added', 'amphora-2')],
      holds: /^3500\.0 ms/,
    },
    {
      expect: (expect) => expect.vipOn(BACKUP, LOSS),
      before: [address(-100, 'added', 'amphora-2')],
      after: [address(5, 'removed', 'amphora-2'), address(9, 'added', 'amphora-1')],
      fails: /the nearest first: 172\.16\.1\.10 added on amphora-1, 172\.16\.1\.10 removed on amphora-2\.$/,
    },
  ],
  vipGoneFrom: [
    {
      expect: (expect) => expect.vipGoneFrom(MASTER, LOSS),
      after: [address(7, 'removed', 'amphora-1')],
      holds: /^7\.0 ms/,
    },
    {
      expect: (expect) => expect.vipGoneFrom(MASTER, LOSS),
      after: [address(7, 'removed', 'amphora-1', '172.16.1.99')],
      fails: /VIP gone from amphora-1 was not seen/,
    },
  ],
  soleHolder: [
    {
      expect: (expect) => expect.soleHolder(BACKUP, LOSS),
      before: [address(1, 'added', 'amphora-2')],
      after: [request(0, 5, BY_MASTER), address(8, 'removed', 'amphora-1')],
      holds: /^by 8\.0 ms/,
    },
    {
      expect: (expect) => expect.soleHolder(BACKUP, LOSS),
      after: [address(1, 'added', 'amphora-2'), request(0, 5, BY_BACKUP)],
      fails: /amphora-2 as the only holder was not seen/,
    },
  ],
  announcementFrom: [
    {
      expect: (expect) => expect.announcementFrom(BACKUP, LOSS),
      after: [announcement(3510, 'amphora-2')],
      holds: /^3510\.0 ms/,
    },
    {
      expect: (expect) => expect.announcementFrom(BACKUP, LOSS),
      after: [announcement(3510, 'amphora-1')],
      fails: /announcement of 172\.16\.1\.10 from amphora-1\.$/,
    },
  ],
  announcementsRepeated: [
    {
      // The defaults: every 5 s, twice.
      expect: (expect) => expect.announcementsRepeated(MASTER, LOSS),
      before: [announcement(-3000, 'amphora-1')],
      after: [2000, 2001, 7000, 7001, 12_000].map((ms) => announcement(ms, 'amphora-1')),
      holds: /^every 5000 ms, 2 at a time/,
    },
    {
      expect: (expect) => expect.announcementsRepeated(MASTER, LOSS),
      after: [2000, 7000, 12_000].map((ms) => announcement(ms, 'amphora-1')),
      fails: /every 5000 ms, 1 at a time; configured 5000 ms and 2/,
    },
    {
      expect: (expect) => expect.announcementsRepeated(MASTER, LOSS),
      before: [-12_000, -7000, -2000, -1999].map((ms) => announcement(ms, 'amphora-1')),
      after: [3000, 3001].map((ms) => announcement(ms, 'amphora-1')),
      fails: /three refreshes by amphora-1 was not seen/,
    },
  ],
  neighbourAt: [
    {
      expect: (expect) => expect.neighbourAt(BACKUP, LOSS),
      after: [neighbour(3600, MAC[BACKUP.compute_id] ?? '')],
      holds: /^3600\.0 ms/,
    },
    {
      expect: (expect) => expect.neighbourAt(BACKUP, LOSS),
      after: [neighbour(3600, MAC[MASTER.compute_id] ?? '')],
      fails: /neighbour 172\.16\.1\.10 at fa:16:3e:00:00:01 REACHABLE in router\.$/,
    },
  ],
  strangerBelieved: [
    {
      expect: (expect) => expect.strangerBelieved(LOSS),
      after: [neighbour(900, STRANGER.mac)],
      holds: /^900 ms/,
    },
    {
      expect: (expect) => expect.strangerBelieved(LOSS),
      before: [neighbour(-900, STRANGER.mac)],
      fails: /neighbour entry at the stranger was not seen/,
    },
  ],
  vipStays: [
    {
      expect: (expect) => expect.vipStays(LOSS, { intervals: 2 }),
      before: [address(-5, 'removed', 'amphora-1')],
      after: [request(0, 1990, BY_MASTER), request(1, 2000, BY_MASTER)],
      holds: /^nothing moved$/,
    },
    {
      expect: (expect) => expect.vipStays(LOSS, { intervals: 2 }),
      after: [request(0, 10, BY_MASTER), address(1500, 'removed', 'amphora-1'), request(1, 2000, BY_MASTER)],
      fails: /172\.16\.1\.10 removed on amphora-1 1500 ms after power loss$/,
    },
    {
      expect: (expect) => expect.vipStays(LOSS, { intervals: 2 }),
      after: [request(0, 1990, BY_MASTER)],
      fails: /a request sent 2000 ms after power loss was not seen/,
    },
    {
      // What the instant belongs to took 2.6 s, and the amphora takes the VIP 3.6 s after that.
      expect: (expect) => expect.vipStays(LOSS, { intervals: 4 }),
      before: [request(0, 2600, BY_MASTER)],
      after: [request(1, 4000, BY_MASTER), address(6210, 'added', 'amphora-1'), request(2, 6600, BY_MASTER)],
      fails: /172\.16\.1\.10 added on amphora-1 6210 ms after power loss$/,
    },
  ],
  pairAgrees: [
    {
      expect: (expect) => expect.pairAgrees([MASTER, BACKUP], true),
      before: requests({ sequence: 0, ms: -500 }, Array(50).fill(LOST)),
      after: requests({ sequence: 50, ms: 0 }, Array(50).fill(BY_MASTER)),
      holds: /^settled by 490 ms; the VIP is on amphora-1$/,
    },
    {
      expect: (expect) => expect.pairAgrees([MASTER, BACKUP], true),
      before: requests({ sequence: 0, ms: -1000 }, Array(100).fill(BY_MASTER)),
      after: requests({ sequence: 100, ms: 0 }, [...Array(49).fill(BY_MASTER), LOST]),
      fails:
        /^50 requests in a row answered, and one holder of the VIP at most was not seen.*request served by 172\.16\.1\.3/,
    },
    {
      expect: (expect) => expect.pairAgrees([MASTER, BACKUP], true),
      before: [address(-50, 'added', 'amphora-2')],
      after: requests({ sequence: 0, ms: 0 }, Array(80).fill(BY_MASTER)),
      fails: /one holder of the VIP at most/,
    },
    {
      expect: (expect) => expect.pairAgrees([MASTER, BACKUP], false),
      before: [address(-50, 'added', 'amphora-2')],
      after: requests({ sequence: 0, ms: 0 }, Array(50).fill(BY_BACKUP)),
      holds: /the VIP is on amphora-1, amphora-2$/,
    },
    {
      expect: (expect) => expect.pairAgrees([], true),
      after: [request(0, 10, LOST)],
      holds: /the VIP is on none of them$/,
    },
  ],
  sameConfiguration: [
    {
      expect: (expect) => expect.sameConfiguration(),
      answers: { run: () => 'global\n' },
      holds: /lines$/,
    },
    {
      expect: (expect) => expect.sameConfiguration(),
      answers: { run: () => '' },
      fails: /both amphorae have the same configuration/,
    },
    {
      expect: (expect) => expect.sameConfiguration(),
      answers: { run: uneven() },
      fails: /both amphorae have the same configuration/,
    },
  ],
  replaced: [
    {
      expect: (expect) => expect.replaced(MASTER, LOSS),
      answers: { amphorae: [REPLACEMENT, BACKUP] },
      after: [request(0, 100, BY_BACKUP)],
      holds: /^ACTIVE, 2 amphorae/,
    },
    {
      expect: (expect) => expect.replaced(MASTER, LOSS),
      answers: { amphorae: [REPLACEMENT, BACKUP], provisioning_status: 'ERROR' },
      after: [request(0, 100, BY_BACKUP)],
      fails: /ERROR, 2 amphorae/,
    },
    {
      expect: (expect) => expect.replaced(MASTER, LOSS),
      answers: { amphorae: [REPLACEMENT, BACKUP] },
      before: [request(0, 1, BY_BACKUP)],
      after: [request(1, 100, LOST)],
      fails: /a request served by an amphora of the new pair was not seen/,
    },
  ],
  replacedByItself: [
    {
      expect: (expect) => expect.replacedByItself(MASTER, LOSS),
      nowMs: 6000,
      answers: { amphorae: [REPLACEMENT, BACKUP] },
      before: [request(0, 10, BY_MASTER)],
      after: [request(1, 6100, BY_BACKUP)],
      holds: /^by 6100 ms/,
    },
    {
      expect: (expect) => expect.replacedByItself(MASTER, LOSS),
      nowMs: 6000,
      before: [request(0, 10, BY_BACKUP)],
      fails: /a request was not seen/,
    },
    {
      expect: (expect) => expect.replacedByItself(MASTER, LOSS),
      after: [request(0, 600_000, LOST)],
      fails: /amphora-1 is replaced by itself: not by 600000 ms after power loss/,
    },
  ],
};

/** Another text each time it is asked for. */
function uneven(): () => string {
  let read = 0;
  return () => `global ${read++}\n`;
}

testCases(CASES);

test.serial('the interval of refreshes is measured', async (t) => {
  const history: Observation[] = [2000, 2001, 7100, 7101, 12_000].map((ms) => announcement(ms, 'amphora-1'));
  const { measures } = await lookedAt(t, {
    expect: (expect) => expect.announcementsRepeated(MASTER, LOSS),
    after: history,
    holds: /every 5100 ms/,
  });
  t.is(measures.refreshInterval, 5100);
});

test.serial('the instant at which the stranger was believed is what later words count from', async (t) => {
  let believed: unknown;
  await lookedAt(t, {
    expect: async (expect) => {
      believed = await expect.strangerBelieved(LOSS);
    },
    after: [neighbour(900, STRANGER.mac)],
    holds: /^900 ms/,
  });
  t.like(believed, { name: 'the stranger was believed', atNs: neighbour(900, '').atNs });
});

test.serial('an amphora that has no port is no neighbour of anybody', async (t) => {
  const gone = { ...MASTER, compute_id: 'gone' } as LabNode;
  await lookedAt(t, {
    expect: (expect) => expect.neighbourAt(gone, LOSS),
    after: [{ ...neighbour(1, ''), mac: undefined } as unknown as Observation],
    fails: /neighbour entry at amphora-1 was not seen/,
  });
});
