/** The product's own tests; scenarios have a configuration of their own, harness/run/ava.config.js. */
export default {
  files: ['src/**/*.test.ts', 'harness/**/*.test.ts'],
  extensions: ['ts'],
  // Labs measure: more than two at once, beside the runs that a test makes by itself, would disturb each other.
  concurrency: 2,
  timeout: '5m',
};
