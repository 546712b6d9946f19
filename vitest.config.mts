/**
 * How the tests outside the editor run: unit tests by layer, taint fixtures, the language server in process, and the
 * command line as a process. The tests inside a real editor are Mocha's and live in `test/e2e`.
 */
import { defineConfig } from 'vitest/config';
import { planting } from './test/property/mutants.mjs';

export default defineConfig({
  plugins: [planting(process.env['TRIBUTARY_MUTANT'])],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/e2e/**', 'test/workspaces/**', 'dist/**', 'dist-test/**'],
    // Processes, not threads: the tests start worker threads of their own and read the real `process`.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // An error outside any test is a failure, and a focused test must not reach the repository.
    dangerouslyIgnoreUnhandledErrors: false,
    allowOnly: !process.env['CI'],
  },
});
