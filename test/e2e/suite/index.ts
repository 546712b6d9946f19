/**
 * What VS Code loads into its extension host to run the tests: starts Mocha over the test files of one phase
 * (`TRIBUTARY_E2E_PHASE`) and writes what passed and failed to `TRIBUTARY_E2E_RESULT`.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';

/** One test's outcome, as the runner outside reads it. */
export interface TestOutcome {
  readonly title: string;
  readonly passed: boolean;
  readonly milliseconds: number;
  /** Why it failed; empty when it passed. */
  readonly error: string;
}

/** Resolves when all tests passed, which VS Code turns into exit code 0; rejects otherwise. */
export function run(): Promise<void> {
  const phase = process.env['TRIBUTARY_E2E_PHASE'] ?? 'first';
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false });
  const folder = path.join(__dirname, phase);
  for (const file of readdirSync(folder).sort()) {
    if (file.endsWith('.test.js')) mocha.addFile(path.join(folder, file));
  }
  const outcomes: TestOutcome[] = [];
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const file = process.env['TRIBUTARY_E2E_RESULT'];
      if (file !== undefined) writeFileSync(file, JSON.stringify(outcomes));
      if (failures > 0) reject(new Error(`${failures} tests failed in the editor.`));
      else resolve();
    });
    runner.on('pass', (test) => {
      outcomes.push({ title: test.fullTitle(), passed: true, milliseconds: test.duration ?? 0, error: '' });
    });
    runner.on('fail', (test, error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      outcomes.push({ title: test.fullTitle(), passed: false, milliseconds: test.duration ?? 0, error: text });
    });
  });
}
