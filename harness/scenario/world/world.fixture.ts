import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { DEFAULT_SETTINGS } from '../../../src/domain/settings.ts';
import { CLIENT_SIDES } from '../../lab/addresses.ts';
import { timingOf } from '../../lab/amphora-timing.ts';
import type { StepResult } from '../../lab/fabric/protocol.ts';
import type { Lab, LabNode } from '../../lab/lab.ts';
import { FAULT_AT_MS, VIP } from '../../observations/history.fixture.ts';
import type { Observation } from '../../observations/observation.ts';
import { ObservationLog } from '../../observations/observation-log.ts';
import { said, type Vocabulary, vocabulary } from '../story/words.ts';
import { limitMs, type World } from './world.ts';

function amphora(n: number, vrrp_ip: string): LabNode {
  const known = { id: `id-${n}`, compute_id: `compute-${n}`, vrrp_ip, instance: { name: `amphora-${n}` } };
  return known as unknown as LabNode;
}

export const MASTER = amphora(1, '172.16.1.3');
export const BACKUP = amphora(2, '172.16.1.7');
export const MAC = { [MASTER.compute_id]: 'fa:16:3e:00:00:01', [BACKUP.compute_id]: 'fa:16:3e:00:00:02' };

/** What a lab would say, as far as expectations ask it. */
export interface Answers {
  /** Standard output of what is run in the lab, and what is read there; an exit code other than 0 where it is undefined. */
  readonly run?: (argv: readonly string[]) => string | undefined;
  /** What keepalived writes of its state. */
  readonly keepalived?: string;
  readonly amphorae?: readonly LabNode[];
  readonly provisioning_status?: string;
}

/** A story's world without a lab: its history is written by the test. */
export function fakeWorld(log: ObservationLog, answers: Answers): World {
  const run = async (...steps: readonly { readonly argv?: readonly string[] }[]) =>
    steps.map(({ argv = [] }) => {
      const stdout = answers.run?.(argv);
      return { exitCode: stdout === undefined ? 1 : 0, stdout: stdout ?? '' } as StepResult;
    });
  const lab = {
    get deployment() {
      return {
        vip: { ip_address: VIP },
        provisioning_status: answers.provisioning_status ?? 'ACTIVE',
        loadBalancer: { id: 'lb', listeners: [{ protocol_port: 80 }] },
      };
    },
    get amphorae() {
      return answers.amphorae ?? [MASTER, BACKUP];
    },
    fabric: {
      ...{ run, attempt: run },
      keepalived: async () =>
        answers.keepalived === undefined ? null : { pid: 1, text: answers.keepalived },
    },
    processesOf: (service: string) => ['--exact', service],
    ...{ vip: VIP, port: 80, timing: timingOf(DEFAULT_SETTINGS) },
    clientSides: CLIENT_SIDES,
    files: { keepalived: 'keepalived.conf', haproxy: 'haproxy.cfg' },
    get nodes() {
      return answers.amphorae ?? [MASTER, BACKUP];
    },
    get octavia() {
      return lab;
    },
    current: (amphora: LabNode) => amphora,
    macOf: ({ compute_id }: LabNode) => MAC[compute_id],
    inside: (_: LabNode, ...argv: readonly string[]) => argv,
    besideVip: (_: LabNode, ...argv: readonly string[]) => argv,
    switchPort: () => ({ argv: [] }),
    portsOf: ({ instance }: LabNode) => [instance.name],
  } as unknown as Lab;
  return {
    lab,
    log,
    master: MASTER,
    backup: BACKUP,
    others: [],
    checks: [],
    measures: {},
    probe: { intervalMs: 10, timeoutMs: 100 },
    atPhase: async () => BigInt(FAULT_AT_MS) * 1_000_000n,
  };
}

/** An expectation over a synthetic history, and what it must come to. */
export interface Case {
  readonly expect: (expect: Vocabulary['expect'], world: World) => Promise<unknown>;
  /** What was seen before the expectation was said … */
  readonly before?: readonly Observation[];
  /** … and after it. */
  readonly after?: readonly Observation[];
  readonly answers?: Answers;
  /** The clock when it is said, ms after the fault. */
  readonly nowMs?: number;
  /** The check's detail, where it holds; otherwise the words of the failure. */
  readonly holds?: RegExp;
  readonly fails?: RegExp;
}

/**
 * Has an expectation look at a history. The clock is a false one, so that limits cost nothing: tests of a file must
 * follow one another.
 */
export async function lookedAt(t: ExecutionContext, wanted: Case): Promise<World> {
  mock.timers.enable({ apis: ['Date', 'setTimeout'], now: FAULT_AT_MS + (wanted.nowMs ?? 0) });
  try {
    // What is observed comes at once.
    await using log = new ObservationLog('/dev/null', () => FAULT_AT_MS);
    const world = fakeWorld(log, wanted.answers ?? {});
    for (const entry of wanted.before ?? []) log.append(entry);
    const outcome = wanted.expect(vocabulary((...word) => said(world, ...word)).expect, world).then(
      () => undefined,
      (error: Error) => error,
    );
    await turn();
    for (const entry of wanted.after ?? []) log.append(entry);
    // What does not come by now never comes.
    let over = false;
    outcome.finally(() => {
      over = true;
    });
    for (await turn(); !over; await turn()) mock.timers.tick(limitMs(world));
    const failure = await outcome;
    const [check] = world.checks.slice(-1);
    t.is(world.checks.length, 1, 'an expectation is one check');
    if (wanted.holds) {
      t.is(failure, undefined);
      t.is(check?.status, 'passed');
      t.regex(check?.detail ?? '', wanted.holds);
    } else {
      t.is(check?.status, 'failed');
      t.regex(failure?.message ?? '', wanted.fails ?? /./);
    }
    return world;
  } finally {
    mock.timers.reset();
  }
}

/** Makes a test of each history that an expectation is shown. */
export function testCases(expectations: Readonly<Record<string, readonly Case[]>>): void {
  for (const [name, cases] of Object.entries(expectations)) {
    for (const [n, wanted] of cases.entries()) {
      test.serial(`${name}: history ${n + 1} ${wanted.holds ? 'holds' : 'does not hold'}`, async (t) => {
        await lookedAt(t, wanted);
      });
    }
  }
}
