import builders, { type Builder } from 'junit-report-builder';
import type { Result } from './result.ts';

/** JUnit's XML, as CI systems read it: a suite for each scenario, a case for each run. */
export function junitXml(result: Result): string {
  // The library's types describe an ES module, which it is not.
  const builder = (builders as unknown as { newBuilder(): Builder }).newBuilder();
  for (const scenario of result.scenarios) {
    const suite = builder.testSuite().name(scenario.name);
    for (const run of scenario.runs) {
      const testCase = suite
        .testCase()
        .className(scenario.name)
        .name(`run ${run.index}`)
        .time(run.wallMs / 1000);
      if (run.status === 'failed') testCase.failure(run.reason ?? 'failed');
      if (run.status === 'invalid') testCase.error(run.reason ?? 'invalid');
      if (run.status === 'skipped') testCase.skipped();
    }
  }
  return builder.build();
}
