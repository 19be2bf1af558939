/** Mistakes in stories that show when they run, each over a synthetic history, and their messages. */
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { FAULT_AT_MS } from '../observations/history.fixture.ts';
import { ObservationLog } from '../observations/observation-log.ts';
import { CannotRun } from '../vocabulary/deed.ts';
import { catalogue, SCENARIOS_VARIABLE } from './catalogue.ts';
import { scenariosFolder, scenarioText } from './mistakes.fixture.ts';
import { storyLimitMs, tellWhole } from './telling.ts';
import { fakeWorld } from './world/world.fixture.ts';
import type { World } from './world/world.ts';

/** An instant to count from. */
const MARK = "await mark('quiet')";

/** Has a story told in a world in which nothing happens, and nothing that is done fails. */
async function told(
  t: ExecutionContext,
  story: string,
  more: Partial<World> = {},
): Promise<{ readonly error: Error | undefined; readonly world: World; readonly said: string }> {
  await using scenarios = await scenariosFolder({ 'broken.ts': scenarioText('broken', { story }) });
  process.env[SCENARIOS_VARIABLE] = scenarios.folder;
  const [scenario] = (await catalogue()).scenarios;
  if (!scenario) throw new Error('The story is no scenario.');
  mock.timers.enable({ apis: ['Date', 'setTimeout'], now: FAULT_AT_MS });
  try {
    await using log = new ObservationLog('/dev/null');
    const world = { ...fakeWorld(log, { run: () => 'global\n' }), ...more };
    let over = false;
    const outcome = tellWhole(scenario, world).then(
      () => undefined,
      (error: Error) => error,
    );
    outcome.finally(() => {
      over = true;
    });
    for (let turns = 0; !over; turns++) {
      await turn();
      // What still waits now waits for a limit.
      if (turns > 20) mock.timers.tick(1000);
    }
    const error = await outcome;
    const said = (error?.message ?? '').replaceAll(/reports\/scenarios-\w+\//g, '');
    t.log(said);
    return { error, world, said };
  } finally {
    mock.timers.reset();
    delete process.env[SCENARIOS_VARIABLE];
  }
}

test.serial('a story that ends well says nothing', async (t) => {
  const { error, world } = await told(t, '    await expect.sameConfiguration();');
  t.is(error, undefined);
  t.is(world.checks.length, 1);
});

test.serial('an expectation that is not awaited and does not hold fails the run', async (t) => {
  const { world, said } = await told(t, `    const quiet = ${MARK};\n    expect.vipOn(backup, quiet);`);
  t.like(world.checks, [{ name: 'VIP on amphora-2', status: 'failed' }]);
  t.regex(said, /^VIP on amphora-2 was not seen within 32000 ms; .*, at broken\.ts:11$/s);
});

test.serial('an expectation that is not awaited and holds is a check of the run', async (t) => {
  const { error, world } = await told(t, '    expect.sameConfiguration();');
  t.is(error, undefined);
  t.is(world.checks.length, 1);
});

test.serial('one whose failure the story swallows fails the run all the same', async (t) => {
  const { said } = await told(
    t,
    `    try {\n      await expect.portAnswers(81, false);\n    } catch {}\n    await expect.sameConfiguration();`,
  );
  t.is(said, 'port 81 does not answer: answered, at broken.ts:11');
});

test.serial('a fault that is not awaited and cannot be made fails the run', async (t) => {
  const { said } = await told(t, '    fault.powerOff(master);', {
    atPhase: () => Promise.reject(new Error('no phase.')),
  });
  t.is(said, 'no phase, at broken.ts:10');
});

test.serial('the steps of a function that is not awaited count, and so does what it throws', async (t) => {
  const { said } = await told(
    t,
    `    const look = async () => {\n      await expect.sameConfiguration();\n      await expect.portAnswers(81, false);\n    };\n    look();`,
  );
  t.is(said, 'port 81 does not answer: answered, at broken.ts:12');
  const { said: thrown } = await told(
    t,
    `    const look = async () => {\n      await expect.sameConfiguration();\n      (undefined as any).foo();\n    };\n    look();`,
  );
  t.is(thrown, "Cannot read properties of undefined (reading 'foo'), at broken.ts:12");
});

test.serial('an instant that is not awaited is awaited by the expectation that counts from it', async (t) => {
  const { world, said } = await told(
    t,
    `    const loss = ${MARK.replace('await ', '')};\n    await expect.vipOn(backup, loss);`,
  );
  t.like(world.checks, [{ name: 'VIP on amphora-2', status: 'failed' }]);
  t.regex(said, /^VIP on amphora-2 was not seen/);
});

test.serial('an exception names the line of the scenario', async (t) => {
  const { error, said } = await told(
    t,
    '    await expect.sameConfiguration();\n    (lab as any).nothing.foo();',
  );
  t.is(error?.name, 'TypeError');
  t.is(said, "Cannot read properties of undefined (reading 'foo'), at broken.ts:11");
});

test.serial('an exception deep in the harness names the line that led there', async (t) => {
  const { said } = await told(t, '\n    await fault.claimVip();', {
    atPhase: () => Promise.reject(new TypeError('deep')),
  });
  t.is(said, 'deep, at broken.ts:11');
});

for (const [story, sentence] of [
  [
    'expect.vipOn(undefined as any, 1 as any)',
    'expect.vipOn(amphora, instant) was given undefined as amphora',
  ],
  [
    'fault.delay(master, 300 as any)',
    'fault.delay(amphora, { ms }) was given 300 as { ms }; write { ms: 300 }',
  ],
  [
    `expect.vipStays(${MARK}, { interval: 4 } as any)`,
    'expect.vipStays(instant, { intervals }) was given { interval: 4 } as { intervals }; there is no unit "interval", the nearest is "intervals"',
  ],
  [
    'expect.tableLacks(backup, 1 as any, master as any)',
    'expect.tableLacks(amphora, instant, { most }) was given 1 as instant; an instant is what a fault, a repair, a change or a mark gave',
  ],
  [
    'fault.flapPort(master, { times: -1 })',
    'fault.flapPort(amphora, { times }) was given { times: -1 } as { times }; times is a whole number from 1 to 100',
  ],
  [
    'fault.flapPort(master, { times: 2.5 })',
    'fault.flapPort(amphora, { times }) was given { times: 2.5 } as { times }; times is a whole number from 1 to 100',
  ],
  [
    'fault.loseSomeAdvertisements({ percent: 200 })',
    'fault.loseSomeAdvertisements({ percent }) was given { percent: 200 } as { percent }; percent is a number from 0.01 to 100',
  ],
  [
    "fault.kill('keepalive' as any, master)",
    "fault.kill('keepalived' | 'haproxy' | 'agent', amphora) was given \"keepalive\" as 'keepalived' | 'haproxy' | 'agent'; the nearest is 'keepalived'",
  ],
  ['(fault as any).powerOf(master)', 'There is no fault.powerOf; the nearest is fault.powerOff'],
  ['(fault as any).cutPort()', 'fault.cutPort(amphora) takes 1 argument; found 0'],
] as const) {
  test.serial(`${story} is refused with its line and what to write`, async (t) => {
    const { said } = await told(t, `    await ${story};`);
    t.is(said, `${sentence}, at broken.ts:10`);
  });
}

test.serial('what is thrown and is no error is said', async (t) => {
  const { said } = await told(t, "    throw 'a word';");
  t.is(said, 'a word');
});

test.serial('a story that waits for what never comes is ended, and its last step is named', async (t) => {
  const { error, said } = await told(
    t,
    '    await expect.sameConfiguration();\n    await new Promise(() => {});',
  );
  t.is(error?.name, 'StoryNotEnded');
  t.regex(
    said,
    /^The story did not end within 160 s \(limitS of the scenario\): its last step has ended, expect\.sameConfiguration\(\) at broken\.ts:10, which began after \d+\.\d s; since then it waits for something that is no step\.$/,
  );
});

test.serial('a story whose step never ends is ended, and the step is named', async (t) => {
  const { said } = await told(t, '    await fault.cutPort(master);', {
    atPhase: () => new Promise(() => {}),
  });
  t.regex(
    said,
    /: it waits for fault\.cutPort\(amphora-1\) at broken\.ts:10, which began after \d+\.\d s\.$/,
  );
});

test.serial('a story that goes around for ever is ended', async (t) => {
  const { said } = await told(t, '    for (;;) await expect.sameConfiguration();');
  t.regex(said, /^The story did not end within 160 s .*expect\.sameConfiguration\(\) at broken\.ts:10/);
});

test.serial('a story that begins nothing is ended, too', async (t) => {
  const { said } = await told(t, '    await new Promise(() => {});');
  t.regex(said, /: it has begun no step, and waits for something else\.$/);
});

test.serial('what cannot be run here is skipped, and no failure', async (t) => {
  const { error } = await told(t, '    await fault.cutPort(master);', {
    atPhase: () => Promise.reject(new CannotRun('no netem')),
  });
  t.true(error instanceof CannotRun);
});

test('a story may take longer where the scenario or its pair say so', (t) => {
  const timing = (advertIntMs: number) => ({ advertIntMs, checkIntervalMs: 5000, checkFall: 2 });
  t.is(storyLimitMs({}, timing(1000)), 160_000);
  t.is(storyLimitMs({ limitS: 600 }, timing(1000)), 600_000);
  t.true(storyLimitMs({}, timing(255_000)) > 5 * 3 * 255_000);
});
