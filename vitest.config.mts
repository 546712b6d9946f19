/**
 * How the tests outside the editor run: unit tests by layer, taint fixtures, the language server in process, and the
 * command line as a process. The tests inside a real editor are Mocha's and live in `test/e2e`.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that start processes and wait for them: each has the machine for itself. */
const ALONE = ['test/lsp/**/*.test.ts', 'test/cli/**/*.test.ts', 'test/durability/**/*.test.ts'];

/** What takes longest comes first, so that it does not run on when everything else is done. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/test/property/');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    // Processes, not threads: the tests start worker threads of their own and read the real `process`.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // An error outside any test is a failure, and a focused test must not reach the repository.
    dangerouslyIgnoreUnhandledErrors: false,
    allowOnly: !process.env['CI'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/e2e/**', 'test/workspaces/**', 'dist/**', 'dist-test/**', ...ALONE],
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
