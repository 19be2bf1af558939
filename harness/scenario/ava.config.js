/** Scenarios as AVA test files; the command line hands over the plan and reads the TAP. */
export default {
  files: ['scenarios/*.ts'],
  extensions: ['ts'],
  require: ['./harness/scenario/ava-register.ts'],
  timeout: '15m',
  failWithoutAssertions: true,
};
