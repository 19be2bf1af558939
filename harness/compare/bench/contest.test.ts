import test from 'ava';
import type { Result } from '../../result/result.ts';
import { randomFrom } from '../../scenario/phases.ts';
import { drawnRuns, settingsWith } from '../history/real-runs.fixture.ts';
import { type Contender, contest } from './contest.ts';
import { roundOrder } from './duel.ts';

const random = randomFrom(52);

/** A contender whose runs are drawn; it notes what it was asked for. */
function contender(moreMs: number, asked: { names: readonly string[]; seed: number }[] = []): Contender {
  return {
    async measure(names, seed) {
      asked.push({ names, seed });
      const scenarios = names.map((name) => ({
        ...{ name, title: name, status: 'passed', parameters: {}, summary: {} },
        // Only the first scenario is slower.
        runs: drawnRuns(8, random, {}, { moreMs: name === 'master-kill' ? moreMs : 0 }),
        configurations: { 'amphora-2': { 'keepalived.conf': settingsWith(90) } },
      }));
      return { scenarios } as unknown as Result;
    },
  };
}

const OPTIONS = { seed: 7, budgetMs: 60_000, minimumEffectMs: 50, say() {} };

test('each scenario of each contender has its own verdict', async (t) => {
  const { matches } = await contest({
    ...OPTIONS,
    contenders: [contender(0), contender(0), contender(400)],
    scenarios: ['master-kill', 'port-cut'],
  });
  t.deepEqual(
    matches.map(({ scenario, contender: n, standing }) => [scenario, n, standing.difference?.verdict]),
    [
      ['master-kill', 1, 'same'],
      ['master-kill', 2, 'slower'],
      ['port-cut', 1, 'same'],
      ['port-cut', 2, 'same'],
    ],
  );
});

test('all sides are measured with the same seeds, there and back', async (t) => {
  const asked = [[], []] as { names: readonly string[]; seed: number }[][];
  await contest({
    ...OPTIONS,
    contenders: asked.map((list) => contender(0, list)),
    scenarios: ['master-kill'],
  });
  t.deepEqual(
    asked[0]?.map(({ seed }) => seed),
    asked[1]?.map(({ seed }) => seed),
  );
  t.deepEqual(roundOrder(0, 2), [0, 1, 1, 0]);
  t.deepEqual(roundOrder(1, 3), [2, 1, 0, 0, 1, 2]);
});

test('what is certain is not run again', async (t) => {
  const asked: { names: readonly string[]; seed: number }[] = [];
  const slow = contender(400, asked);
  let clockMs = 0;
  const vague: Contender = {
    async measure(names, seed) {
      clockMs += 1000;
      const result = await slow.measure(names, seed);
      // A scenario without runs never becomes certain.
      const scenarios = result.scenarios.map((each) =>
        each.name === 'port-cut' ? { ...each, runs: [] } : each,
      );
      return { ...result, scenarios };
    },
  };
  let rounds = 0;
  await contest({
    ...{ ...OPTIONS, budgetMs: 20_000, nowMs: () => clockMs },
    contenders: [contender(0), vague],
    scenarios: ['master-kill', 'port-cut'],
    say: () => rounds++,
  });
  // A round takes 2 s, and the last one must fit in.
  t.is(rounds, 9);
  t.deepEqual(asked[0]?.names, ['master-kill', 'port-cut']);
  t.deepEqual(asked.at(-1)?.names, ['port-cut']);
});
