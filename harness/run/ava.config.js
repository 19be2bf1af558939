/** Scenarios as AVA test files; the command line hands over the plan and reads the TAP. */
export default {
  // Tests keep scenarios of their own elsewhere.
  files: [`${process.env.AMPHORA_TESTBED_SCENARIOS ?? 'scenarios'}/*.ts`],
  extensions: ['ts'],
  require: ['./harness/run/ava-register.ts'],
  timeout: '15m',
  failWithoutAssertions: true,
};
