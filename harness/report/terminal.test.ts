import test from 'ava';
import pc from 'picocolors';
import { PHASES } from '../analysis/timeline/phases.ts';
import type { Result } from '../result/result.ts';
import { exampleReport } from './content/example.ts';
import { reportPage } from './page/page.ts';
import { terminalSummary } from './terminal.ts';

const colors = pc.createColors(false);

/** As a result was stored before there was a phase, or after it was renamed. */
function without(phase: string, result: Result): Result {
  return {
    ...result,
    scenarios: result.scenarios.map((scenario) => ({
      ...scenario,
      runs: scenario.runs.map(({ phases: { [phase]: gone = 0, ...rest } = {}, ...run }) => ({
        ...run,
        phases: { ...rest, yesterday: gone },
      })),
    })),
  };
}

test('each phase has a row with its mark and what ends it, and the bar has its width', async (t) => {
  await using example = await exampleReport();
  const text = terminalSummary(example.result, colors);
  const [bar = ''] = /^ {2}[█▓▒░▉]+$/m.exec(text) ?? [];
  t.true(bar.trim().length >= 56 && bar.trim().length <= 56 + PHASES.length);
  for (const { mark, name, short } of PHASES) {
    t.regex(text, new RegExp(`│ ${mark} │ ${name} +│ +[\\d.]+ +│ ${RegExp.escape(short)} +│`));
  }
  t.regex(bar, /^ {2}█{50,}/);
  t.regex(text, /^failed garp-lost: .*\n {2}outage as the protocol demands: <3612 ms> & more$/m);
});

test('a result of yesterday, which knew other phases, still shows', async (t) => {
  await using example = await exampleReport();
  const old = without('learning', example.result);
  t.regex(terminalSummary(old, colors), /│ ░ │ learning +│ 0\.0 +│/);
  const page = await reportPage(example.folder, old, { changes: [], trend: [] });
  t.regex(page, /<\/i>learning<\/th><td class="number">0\.0 ms</);
  t.regex(page, /\.learning \{\s+fill: light-dark\(#e2d53a, #f0e442\)/);
});
