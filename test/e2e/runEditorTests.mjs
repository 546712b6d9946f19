/**
 * Runs the tests that need a real editor: the Mocha suite inside VS Code's extension host, twice over the same profile
 * (a first start and a restart on the persisted index).
 *
 *     node test/e2e/runEditorTests.mjs [--json FILE]
 *
 * VS Code is, in this order: the executable `VSCODE_EXECUTABLE` names; a desktop build that @vscode/test-electron
 * downloads, with `TRIBUTARY_EDITOR=desktop`; otherwise the stand-in `run.mjs`, a real VS Code served to a headless
 * browser.
 */
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { reportOutcomes } from '../tools/outcomes.mjs';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const suite = path.join(root, 'dist-test/e2e');

/** Bundles the tests; mocha stays outside, because the tests and the runner must share one copy. */
async function buildSuite() {
  rmSync(suite, { recursive: true, force: true });
  await build({
    absWorkingDir: here,
    entryPoints: ['suite/index.ts', 'suite/first/*.test.ts', 'suite/restart/*.test.ts'],
    outbase: 'suite',
    outdir: suite,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

async function runPhase(phase, temporary) {
  const result = path.join(temporary, `${phase}.json`);
  const dataFolder = path.join(temporary, 'profile');
  const desktop =
    process.env['VSCODE_EXECUTABLE'] ?? (process.env['TRIBUTARY_EDITOR'] === 'desktop' ? undefined : null);
  let failure;
  try {
    await runTests({
      ...(desktop === undefined ? {} : { vscodeExecutablePath: desktop ?? path.join(here, 'run.mjs') }),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(suite, 'index'),
      extensionTestsEnv: {
        TRIBUTARY_E2E_PHASE: phase,
        TRIBUTARY_E2E_RESULT: result,
        TRIBUTARY_E2E_PROFILE: dataFolder,
        E2E_FAILURE_PICTURE: path.join(suite, `failure-${phase}.png`),
      },
      launchArgs: [
        path.join(temporary, 'workspace'),
        `--user-data-dir=${dataFolder}`,
        `--extensions-dir=${path.join(dataFolder, 'extensions')}`,
      ],
    });
  } catch (error) {
    failure = error;
  }
  const outcomes = existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : [];
  const failed = outcomes.some((outcome) => !outcome.passed);
  if ((failure && !failed) || outcomes.length === 0) {
    const error = failure ? String(failure) : 'no test ran';
    outcomes.push({ title: `editor tests, ${phase}`, passed: false, milliseconds: 0, error });
  }
  return outcomes;
}

mkdirSync(suite, { recursive: true });
const temporary = mkdtempSync(path.join(tmpdir(), 'tributary-e2e-'));
const outcomes = [];
try {
  await buildSuite();
  cpSync(path.join(here, 'workspace'), path.join(temporary, 'workspace'), { recursive: true });
  for (const phase of ['first', 'restart']) outcomes.push(...(await runPhase(phase, temporary)));
} finally {
  if (process.env['E2E_KEEP']) console.log('kept', temporary);
  else rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}
reportOutcomes(outcomes);
