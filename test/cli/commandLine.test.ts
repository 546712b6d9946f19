import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as sarif from 'sarif';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../server/src/cli/options';
import type { FileStatus, ResolvedFinding } from '../../server/src/model/finding';
import type { JsonReport } from '../../server/src/present/json';
import { DEFAULT_SETTINGS as EDITOR_DEFAULTS } from '../../server/src/session/settings';
import { LOG_FINDING, SQL_FINDING } from '../unit/present/sampleReport';
import { runCli } from './fakeMachine';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-cli-')));
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'src/app.js'), 'const id = req.query.id;\ndb.query(id);\n');
  writeFileSync(join(folder, 'lib/a.js'), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const status = (name: string, state: FileStatus['state'] = 'indexed', reason = ''): FileStatus => ({
  path: join(folder, name),
  state,
  reason,
  lost: [],
  limits: [],
});

function findingIn(name: string, severity: ResolvedFinding['severity'] = 'high'): ResolvedFinding {
  const location = {
    path: join(folder, name),
    range: { start: { line: 1, character: 0 }, end: { line: 1, character: 12 } },
  };
  return {
    ...SQL_FINDING,
    severity,
    sink: location,
    source: location,
    paths: [{ steps: [{ kind: 'sink', location, text: 'SQL query', functionName: '' }] }],
    morePaths: 0,
  };
}

const clean = { statuses: [{ path: '/x/src/app.js', state: 'indexed', reason: '', lost: [], limits: [] }] } as const;

describe('arguments', () => {
  it('have the defaults of the editor', async () => {
    expect(DEFAULT_SETTINGS).toEqual(EDITOR_DEFAULTS.analysis);
    const run = await runCli(['scan'], folder, { analysis: clean });
    expect(run.request?.settings).toEqual(DEFAULT_SETTINGS);
    expect(run.request?.roots).toEqual([folder]);
    expect(run.request?.storage).toBeUndefined();
    expect(run.scannedPaths).toBeUndefined();
    expect(run.closed).toBe(true);
  });

  it('reach the analysis', async () => {
    const typed = [
      'scan',
      '--threat-model',
      'local, remote',
      '--min-severity',
      'medium',
      '--min-confidence',
      'certain',
    ];
    const more = [
      '--storage',
      'index',
      '--exclude',
      '**/old/**',
      'gen/**',
      '--include-dependencies',
      '--max-file-size',
      '2048',
      '-j',
      '3',
    ];
    const { request } = await runCli([...typed, ...more], folder, { analysis: clean });
    expect(request?.settings).toEqual({
      threatModels: ['remote', 'local'],
      minSeverity: 'medium',
      minConfidence: 3,
      exclude: ['**/old/**', 'gen/**'],
      includeDependencies: true,
      maxFileSize: 2048 * 1024,
      explainUpdates: false,
      incremental: true,
    });
    expect(request?.storage).toBe(join(folder, 'index'));
    expect(request?.jobs).toBe(3);
    expect((await runCli(['scan', '--no-storage'], folder, { analysis: clean })).request?.storage).toBeUndefined();
  });

  it.each([
    ['an unknown option', ['scan', '--frobnicate'], /unknown option '--frobnicate'/],
    ['an unknown command', ['frobnicate'], /unknown command|too many arguments/],
    ['an unknown format', ['scan', '--format', 'xml'], /Allowed choices are text, sarif, json/],
    ['an unknown threat model', ['scan', '--threat-model', 'remote,evil'], /"evil" is not a threat model/],
    ['an unknown confidence', ['scan', '--min-confidence', 'constructor'], /possible, likely and certain/],
    ['an unknown severity', ['scan', '--fail-on', 'terrible'], /Allowed choices/],
    ['a number that is none', ['scan', '--jobs', '0'], /whole number/],
    ['a missing value', ['scan', '--output'], /argument missing/],
  ])('that are wrong end with 2: %s', async (_name, typed, message) => {
    const run = await runCli(typed, folder);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(message);
    expect(run.stdout).toBe('');
    expect(run.request).toBeUndefined();
  });

  it('without a command print help and end with 2', async () => {
    const run = await runCli([], folder);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(/Usage: tributary/);
  });

  it('ask for the version and help', async () => {
    expect(await runCli(['--version'], folder)).toMatchObject({ exitCode: 0, stdout: '1.2.3\n' });
    const help = await runCli(['scan', '--help'], folder);
    expect(help.exitCode).toBe(0);
    for (const part of [
      '--threat-model',
      '--min-severity',
      '--min-confidence',
      '--storage',
      '--no-storage',
      '--fail-on',
      '--output',
      'Exit codes',
      'leaves no trace',
    ]) {
      expect(help.stdout).toContain(part);
    }
  });
});

describe('exit codes', () => {
  it('0 without findings, 1 at or above the threshold', async () => {
    const analysis = (severity: ResolvedFinding['severity']) => ({
      statuses: [status('src/app.js')],
      findings: [findingIn('src/app.js', severity)],
    });
    expect((await runCli(['scan'], folder, { analysis: clean })).exitCode).toBe(0);
    expect((await runCli(['scan'], folder, { analysis: analysis('medium') })).exitCode).toBe(0);
    expect((await runCli(['scan'], folder, { analysis: analysis('high') })).exitCode).toBe(1);
    expect((await runCli(['scan'], folder, { analysis: analysis('critical') })).exitCode).toBe(1);
    expect((await runCli(['scan', '--fail-on', 'medium'], folder, { analysis: analysis('medium') })).exitCode).toBe(1);
    expect((await runCli(['scan', '--fail-on', 'none'], folder, { analysis: analysis('critical') })).exitCode).toBe(0);
  });

  it('3 when files failed, which are listed', async () => {
    const statuses = [
      status('src/app.js'),
      status('lib/a.js', 'failed', 'the analysis of this file took longer than 20 s'),
    ];
    const text = await runCli(['scan'], folder, { analysis: { statuses, findings: [findingIn('src/app.js')] } });
    expect(text.exitCode).toBe(3);
    expect(text.stdout).toContain('lib/a.js  the analysis of this file took longer than 20 s');
    const json = await runCli(['scan', '--format', 'json'], folder, { analysis: { statuses } });
    expect(json.exitCode).toBe(3);
    expect(json.stderr).toContain('lib/a.js: the analysis of this file took longer than 20 s');
  });

  it('3 when the analysis itself stops, without a stack', async () => {
    const run = await runCli(['scan'], folder, { analysis: { error: new Error('the workers cannot be started') } });
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toBe('tributary: the analysis stopped: the workers cannot be started\n');
    expect(run.closed).toBe(true);
  });

  it('130 when interrupted, with what was found', async () => {
    const analysis = {
      statuses: [status('src/app.js')],
      findings: [findingIn('src/app.js')],
      during: (stop: () => void) => stop(),
    };
    const run = await runCli(['scan'], folder, { analysis });
    expect(run.exitCode).toBe(130);
    expect(run.stdout).toContain('sql-injection');
    expect(run.stdout).toContain('interrupted');
  });

  it('130 when interrupted while the analysis keeps the thread: it is asked to give way', async () => {
    // A signal is heard between two turns of the thread, and in the first of them that comes.
    const analysis = { during: (stop: () => void) => void setImmediate(stop), isBusy: true };
    expect((await runCli(['scan'], folder, { analysis })).exitCode).toBe(130);
  });
});

describe('input', () => {
  it('that does not exist is named; the rest is scanned', async () => {
    const only = await runCli(['scan', 'nowhere'], folder);
    expect(only).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'tributary: nowhere does not exist\n',
      request: undefined,
    });
    const mixed = await runCli(['scan', 'nowhere', 'src'], folder, { analysis: { statuses: [status('src/app.js')] } });
    expect(mixed.exitCode).toBe(2);
    expect(mixed.stderr).toContain('nowhere does not exist');
    expect(mixed.stdout).toContain('1 file analysed');
    expect(mixed.request?.roots).toEqual([join(folder, 'src')]);
  });

  it.skipIf(process.getuid?.() === 0)('that is unreadable is named', async () => {
    chmodSync(join(folder, 'src'), 0);
    const run = await runCli(['scan', 'src'], folder);
    chmodSync(join(folder, 'src'), 0o755);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('src cannot be read: permission denied');
  });

  it('with nothing to analyse is an error', async () => {
    const empty = await runCli(['scan', 'lib'], folder);
    expect(empty.exitCode).toBe(2);
    expect(empty.stderr).toMatch(/nothing to analyse in .*lib: no JavaScript or TypeScript files were found/);
    const skipped = await runCli(['scan', 'lib'], folder, {
      analysis: { statuses: [status('lib/a.js', 'skipped', 'it is minified')] },
    });
    expect(skipped.exitCode).toBe(2);
    expect(skipped.stderr).toMatch(/nothing was analysed .* 1 file skipped .*--include-dependencies/);
    expect(skipped.stdout).toContain('a.js  it is minified');
  });

  it('may be files, several folders, and folders inside others', async () => {
    const file = await runCli(['scan', 'src/app.js'], folder, { analysis: clean });
    expect(file.request?.roots).toEqual([folder]);
    expect(file.scannedPaths).toEqual([join(folder, 'src/app.js')]);
    const nested = await runCli(['scan', '.', 'src', 'src/app.js'], folder, { analysis: clean });
    expect(nested.request?.roots).toEqual([folder]);
    expect(nested.scannedPaths).toBeUndefined();
    const two = await runCli(['scan', 'src', 'lib'], folder, { analysis: clean });
    expect(two.request?.roots).toEqual([join(folder, 'src'), join(folder, 'lib')]);
    const outside = await runCli(['scan', join(folder, 'src/app.js')], join(folder, 'lib'), { analysis: clean });
    expect(outside.request?.roots).toEqual([join(folder, 'src')]);
  });
});

describe('output', () => {
  const analysis = () => ({ statuses: [status('src/app.js')], findings: [findingIn('src/app.js')] });

  it('is text with the line of code by default', async () => {
    const { stdout } = await runCli(['scan'], folder, { analysis: analysis() });
    expect(stdout).toMatch(/^src\/app\.js:2:1 {2}high {2}sql-injection/);
    expect(stdout).toContain('db.query(id);');
    expect(stdout).toMatch(/1 finding in 1 file \(1 high\)\. 1 file analysed in \d+\.\d s\.\n$/);
  });

  it('is JSON or SARIF alone on standard output', async () => {
    const json = JSON.parse(
      (await runCli(['scan', '--format', 'json'], folder, { analysis: analysis() })).stdout,
    ) as JsonReport;
    expect(json.findings[0]?.sink).toMatchObject({ file: 'src/app.js', line: 2, column: 1 });
    const log = JSON.parse(
      (await runCli(['scan', '--format', 'sarif'], folder, { analysis: analysis() })).stdout,
    ) as sarif.Log;
    expect(log.runs[0]?.results?.[0]?.ruleId).toBe('sql-injection');
    expect(log.runs[0]?.invocations?.[0]?.exitCode).toBe(1);
  });

  it('to a file replaces it at once and leaves nothing beside it', async () => {
    writeFileSync(join(folder, 'out.json'), 'old');
    const run = await runCli(['scan', '--format', 'json', '--output', 'out.json'], folder, { analysis: analysis() });
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain('1 finding written to out.json');
    expect((JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as JsonReport).formatVersion).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(['lib', 'out.json', 'src']);
  });

  it('to a place that is none is refused before the work', async () => {
    const missing = await runCli(['scan', '--output', 'no/such/out.json'], folder, { analysis: analysis() });
    expect(missing).toMatchObject({ exitCode: 2, request: undefined });
    expect(missing.stderr).toMatch(/the folder .*no.such does not exist/);
    const directory = await runCli(['scan', '--output', 'src'], folder, { analysis: analysis() });
    expect(directory).toMatchObject({ exitCode: 2, request: undefined });
    expect(directory.stderr).toContain('is a folder');
  });

  it('has colours on a terminal only, unless told otherwise', async () => {
    const hasColors = async (
      terminal: boolean,
      environment: Record<string, string> = {},
      more: readonly string[] = [],
    ) =>
      (await runCli(['scan', ...more], folder, { analysis: analysis(), terminal, environment })).stdout.includes(
        String.fromCharCode(27),
      );
    expect(await hasColors(false)).toBe(false);
    expect(await hasColors(true)).toBe(true);
    expect(await hasColors(true, { NO_COLOR: '1' })).toBe(false);
    expect(await hasColors(true, { TERM: 'dumb' })).toBe(false);
    expect(await hasColors(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(await hasColors(true, {}, ['--format', 'json'])).toBe(false);
    await runCli(['scan', '--output', 'out.txt'], folder, { analysis: analysis(), terminal: true });
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).not.toContain(String.fromCharCode(27));
  });

  it('has a progress bar on a terminal, on standard error, and none in a pipe', async () => {
    const terminal = await runCli(['scan'], folder, { analysis: analysis(), terminal: true });
    expect(terminal.stderr).toContain('Parsing');
    expect(terminal.stdout).not.toContain('Parsing');
    expect((await runCli(['scan'], folder, { analysis: analysis() })).stderr).toBe('');
    expect((await runCli(['scan', '--quiet'], folder, { analysis: analysis(), terminal: true })).stderr).not.toContain(
      'Parsing',
    );
  });

  it('ends quietly when its reader has gone', async () => {
    const run = await runCli(['scan'], folder, {
      analysis: { ...analysis(), findings: [LOG_FINDING] },
      brokenPipe: true,
    });
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
