/** The product's own tests; scenarios have a configuration of their own, harness/scenario/ava.config.js. */
export default {
  files: ['src/**/*.test.ts', 'harness/**/*.test.ts'],
  extensions: ['ts'],
  timeout: '5m',
};
