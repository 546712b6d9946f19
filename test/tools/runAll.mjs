/**
 * The test command: checks, build, every Vitest test, then the parts that need a real editor. Prints what failed as it
 * goes and ends with one plain line, `N passed, N failed`, over all parts. A part that could not run counts as failed,
 * and the others still run.
 *
 *     node test/tools/runAll.mjs [part …]     parts: checks build vitest editor extension neovim
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const temporary = mkdtempSync(path.join(tmpdir(), 'tributary-test-'));

function summary(outcomes) {
  const [passed, failed, skipped] = [({ passed }) => passed, isFailure, ({ skipped }) => skipped].map(
    (kind) => outcomes.filter(kind).length,
  );
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

const isFailure = ({ passed, skipped }) => !passed && !skipped;

/** Runs a command with its output on ours. Resolves to its exit code; a command that cannot start is 127. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** A step that passes or fails as a whole. */
async function single(title, command, args) {
  const code = await run(command, args);
  return [{ title, passed: code === 0, error: code === 0 ? '' : `exited with ${code}` }];
}

/** A script of ours that reports its tests with `--json FILE`. */
async function reporting(title, script) {
  const file = path.join(temporary, `${path.basename(script)}.json`);
  const code = await run('node', [script, '--json', file]);
  return withExitCode(title, code, existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
}

async function vitest() {
  const file = path.join(temporary, 'vitest.json');
  const args = ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await run('npx', args);
  const outcomes = [];
  if (existsSync(file)) {
    for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) {
      const name = path.relative(root, suite.name);
      for (const test of suite.assertionResults) {
        outcomes.push({
          title: `${name}: ${test.fullName}`,
          passed: test.status === 'passed',
          // Only conditions of the machine skip a test here (some mean nothing to root).
          skipped: ['skipped', 'pending', 'todo', 'disabled'].includes(test.status),
          error: (test.failureMessages ?? []).join('\n'),
        });
      }
      if (suite.assertionResults.length === 0) outcomes.push({ title: name, passed: false, error: suite.message });
    }
  }
  return withExitCode('vitest', code, outcomes);
}

/** A part whose exit code says more than its tests do, or that ran no test, has failed. */
function withExitCode(title, code, outcomes) {
  if (!outcomes.some((outcome) => outcome.passed || isFailure(outcome))) {
    return [{ title, passed: false, error: `no test ran (exit code ${code})` }];
  }
  if (code !== 0 && !outcomes.some(isFailure)) {
    return [...outcomes, { title, passed: false, error: `exited with ${code} although every test passed` }];
  }
  return outcomes;
}

const npmRun = (script) => single(`npm run ${script}`, 'npm', ['run', '--silent', script]);

async function inTurn(...scripts) {
  const outcomes = [];
  for (const script of scripts) outcomes.push(...(await npmRun(script)));
  return outcomes;
}

const parts = {
  // Two at a time: the linter takes as long as the others together.
  checks: async () =>
    (await Promise.all([inTurn('check:lint'), inTurn('check:types', 'check:format', 'check:layers')])).flat(),
  build: () => npmRun('build'),
  vitest,
  editor: () => reporting('editor tests', 'test/e2e/runEditorTests.mjs'),
  extension: () => reporting('packaged extension', 'test/e2e/testPackage.mjs'),
  neovim: () => reporting('Neovim', 'test/e2e/testNeovim.mjs'),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
const all = [];
try {
  for (const [name, part] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const started = performance.now();
    console.log(`\n== ${name}`);
    const outcomes = await part();
    all.push(...outcomes);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`== ${name}: ${summary(outcomes)}, ${seconds} s`);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
const failures = all.filter(isFailure);
if (failures.length > 0) console.log('\nFailed:');
for (const { title, error } of failures) console.log(`  ${title}: ${String(error).split('\n')[0]}`);
console.log(`\n${summary(all)}`);
process.exitCode = failures.length === 0 ? 0 : 1;
