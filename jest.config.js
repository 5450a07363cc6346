/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['src', 'test', 'bench', 'prove'].map((folder) => `<rootDir>/${folder}/**/*.test.ts`),
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // Long, so that a busy machine fails no test: what waits, waits for an event and goes on at once.
  testTimeout: 300_000,
  maxWorkers: 2,
  // A test that failed half-way may leave a worker running, which must not keep the run from ending.
  forceExit: true,
};
