import type { Connections } from '../../../lab/connections.ts';
import type { DownloadState, Downloads } from '../../../lab/downloads.ts';
import { type Fate, fault, request, requests } from '../../../observations/history.fixture.ts';
import { BACKUP, type Case, MASTER, testCases } from '../../world/world.fixture.ts';

const LOSS = fault(0, 2);
const SERVED: Fate = { by: BACKUP.vrrp_ip };
const LOST: Fate = { failure: 'timeout' };

function connections(cut: number): Connections {
  return { count: 20, cut, asked: async () => {}, [Symbol.asyncDispose]: async () => {} };
}

function downloads(...states: readonly DownloadState[]): Downloads {
  return { states: async () => states, [Symbol.dispose]: () => {} };
}

const CASES: Readonly<Record<string, readonly Case[]>> = {
  servedBy: [
    {
      expect: (expect) => expect.servedBy(BACKUP, LOSS),
      after: requests({ sequence: 0, ms: 0 }, [LOST, { by: MASTER.vrrp_ip }, SERVED]),
      holds: /^20\.0 ms/,
    },
    {
      expect: (expect) => expect.servedBy(BACKUP, LOSS),
      before: requests({ sequence: 0, ms: -10 }, [SERVED]),
      after: requests({ sequence: 1, ms: 10 }, [LOST, { by: MASTER.vrrp_ip }]),
      fails: /the nearest first: .*request served by 172\.16\.1\.3.*request failed \(timeout\)\.$/,
    },
    {
      // While a fault is being made, the same amphora still serves.
      expect: (expect) => expect.servedBy(MASTER, LOSS),
      after: [request(0, 1, { by: MASTER.vrrp_ip }), request(1, 11, LOST)],
      fails: /request served by amphora-1 was not seen/,
    },
  ],
  servedByAnother: [
    {
      expect: (expect) => expect.servedByAnother(MASTER, LOSS),
      after: requests({ sequence: 0, ms: 0 }, [{ by: MASTER.vrrp_ip }, LOST, { by: '172.16.1.9' }]),
      holds: /^20\.0 ms/,
    },
    {
      expect: (expect) => expect.servedByAnother(MASTER, LOSS),
      after: requests({ sequence: 0, ms: 10 }, [LOST, { by: MASTER.vrrp_ip }]),
      fails: /a request served by another than amphora-1 was not seen/,
    },
  ],
  unserved: [
    {
      expect: (expect) => expect.unserved(LOSS, { seconds: 3 }),
      before: requests({ sequence: 0, ms: -20 }, [SERVED, SERVED, SERVED]),
      after: requests({ sequence: 3, ms: 10 }, [...Array(299).fill(LOST), SERVED]),
      holds: /^none of 299 requests$/,
    },
    {
      expect: (expect) => expect.unserved(LOSS, { seconds: 3 }),
      after: requests({ sequence: 0, ms: 10 }, [LOST, LOST, SERVED]),
      fails: /served 30 ms after power loss/,
    },
    {
      // The last one of these three seconds is still under way.
      expect: (expect) => expect.unserved(LOSS, { seconds: 3 }),
      after: [
        ...requests({ sequence: 0, ms: 10 }, Array(299).fill(LOST)),
        request(300, 3000, LOST),
        request(299, 2999, SERVED),
      ],
      fails: /served 2999 ms after power loss/,
    },
    {
      expect: (expect) => expect.unserved(LOSS, { seconds: 3 }),
      after: [request(0, 3500, SERVED)],
      fails: /none of 0 requests/,
    },
  ],
  noRequestLost: [
    {
      expect: (expect) => expect.noRequestLost(LOSS),
      before: requests({ sequence: 0, ms: -20 }, [LOST, LOST, SERVED]),
      after: requests({ sequence: 3, ms: 10 }, Array(10).fill(SERVED)),
      holds: /^10 requests, all answered$/,
    },
    {
      // A request that is under way when it is said fails later.
      expect: (expect) => expect.noRequestLost(LOSS),
      nowMs: 40,
      before: [0, 2, 3, 4].map((n) => request(n, 10 * n, SERVED)),
      after: [
        ...requests({ sequence: 5, ms: 50 }, Array(120).fill(SERVED)),
        request(1, 10, { failure: 'timeout' }, 950),
      ],
      fails: /1 of 14 failed, the first 10 ms after power loss \(timeout\)/,
    },
    {
      expect: (expect) => expect.noRequestLost(LOSS),
      before: requests({ sequence: 0, ms: 0 }, Array(3).fill(SERVED)),
      fails: /the outcome of every request that was under way was not seen/,
    },
  ],
  fewRequestsLost: [
    {
      expect: (expect) => expect.fewRequestsLost(LOSS, { most: 2 }),
      after: requests({ sequence: 0, ms: 0 }, [LOST, LOST, ...Array(9).fill(SERVED)]),
      holds: /^2 of 10 failed, the first 0 ms/,
    },
    {
      expect: (expect) => expect.fewRequestsLost(LOSS, { most: 2 }),
      after: requests({ sequence: 0, ms: 0 }, [LOST, LOST, LOST, ...Array(8).fill(SERVED)]),
      fails: /at most 2 requests are lost: 3 of 10 failed/,
    },
  ],
  connectionsCut: [
    {
      expect: (expect) => expect.connectionsCut(connections(20), { least: 20, most: 20 }),
      holds: /^20 cut$/,
    },
    { expect: (expect) => expect.connectionsCut(connections(19), { least: 20, most: 20 }), fails: /19 cut/ },
    { expect: (expect) => expect.connectionsCut(connections(1), { least: 0, most: 0 }), fails: /1 cut/ },
  ],
  downloadsAre: [
    {
      expect: (expect) => expect.downloadsAre('running', downloads('running', 'running')),
      holds: /^2 running$/,
    },
    {
      expect: (expect) => expect.downloadsAre('cut', downloads('cut', 'standing still')),
      fails: /1 cut, 1 standing still/,
    },
    {
      expect: (expect) => expect.downloadsAre('orphaned', downloads('standing still', 'standing still')),
      holds: /^2 standing still$/,
    },
    { expect: (expect) => expect.downloadsAre('orphaned', downloads('cut', 'cut')), fails: /2 cut/ },
  ],
  portAnswers: [
    { expect: (expect) => expect.portAnswers(8081, true), answers: { run: () => '' }, holds: /^answered$/ },
    { expect: (expect) => expect.portAnswers(8081, true), fails: /no answer within 1 s/ },
    { expect: (expect) => expect.portAnswers(8081, false), answers: { run: () => '' }, fails: /answered/ },
  ],
  addressAnswers: [
    {
      expect: (expect) => expect.addressAnswers('2001:db8::10'),
      answers: { run: (argv) => (argv.includes('http://[2001:db8::10]:80/') ? '' : undefined) },
      holds: /^asked for/,
    },
    { expect: (expect) => expect.addressAnswers('2001:db8::10'), fails: /2001:db8::10 answers: asked for/ },
  ],
};

testCases(CASES);
