import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type * as sarif from 'sarif';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import type { JsonReport } from '../../server/src/present/json';
import { buildCommandLine } from './buildCommandLine';

let dist: string;
let folder: string;
const temporary: string[] = [];

beforeAll(async () => {
  dist = await buildCommandLine();
  temporary.push(dist);
});
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-scan-')));
  temporary.push(folder);
});
afterAll(() => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true });
});

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function tributary(...args: readonly string[]): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, 'cli.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '' },
    maxBuffer: 1 << 28,
  });
  return { code: status, stdout, stderr };
}

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

const VULNERABLE = `const express = require('express');
const { exec } = require('child_process');
const app = express();
app.get('/ping', (req, res) => {
  const host = req.query.host;
  exec('ping ' + host, (error, output) => res.send('done'));
});
`;

const CLEAN = `exports.add = (a, b) => a + b;\n`;

describe('tributary as a process', () => {
  it('prints its version', () => {
    expect(tributary('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('finds a flow and ends with 1', () => {
    write({ 'server.js': VULNERABLE, 'math.js': CLEAN });
    const { code, stdout, stderr } = tributary('scan');
    expect(stdout).toMatch(/^server\.js:6:\d+ {2}\w+ {2}command-injection {2}CWE-78/);
    expect(stdout).toContain('const host = req.query.host;');
    expect(stdout).toMatch(/1 finding in 1 file/);
    expect(stdout).toMatch(/2 files analysed/);
    expect(stdout).not.toContain(String.fromCharCode(27));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  it('follows a flow across files', () => {
    write({
      'routes.js': `const run = require('./run');\nrequire('express')().get('/', (req) => run(req.query.cmd));\n`,
      'run.js': `const cp = require('child_process');\nmodule.exports = (command) => cp.execSync(command);\n`,
    });
    const report = JSON.parse(tributary('scan', '--format', 'json').stdout) as JsonReport;
    expect(report.findings.map(({ rule, source, sink }) => [rule, source.file, sink.file])).toEqual([
      ['command-injection', 'routes.js', 'run.js'],
    ]);
    expect(report.findings[0]?.paths[0]?.steps.length).toBeGreaterThan(1);
  });

  it('ends with 0 when there is nothing', () => {
    write({ 'math.js': CLEAN });
    const { code, stdout } = tributary('scan');
    expect(stdout).toMatch(/^No taint paths found\. 1 file analysed/);
    expect(code).toBe(0);
  });

  it('writes SARIF to a file', () => {
    write({ 'server.js': VULNERABLE });
    const { code, stdout } = tributary('scan', '.', '--format', 'sarif', '--output', 'out.sarif');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const log = JSON.parse(readFileSync(join(folder, 'out.sarif'), 'utf8')) as sarif.Log;
    const result = log.runs[0]?.results?.[0];
    expect(result?.ruleId).toBe('command-injection');
    expect(result?.locations?.[0]?.physicalLocation?.region?.startLine).toBe(6);
    const steps = result?.codeFlows?.[0]?.threadFlows[0]?.locations ?? [];
    expect(steps[0]?.location?.physicalLocation?.region?.startLine).toBe(5);
    expect(readdirSync(folder).sort()).toEqual(['out.sarif', 'server.js']);
  });

  it('gives the same result twice', () => {
    write({ 'server.js': VULNERABLE, 'other.js': VULNERABLE.replaceAll('/ping', '/pong') });
    const findings = (): unknown => (JSON.parse(tributary('scan', '--format', 'json').stdout) as JsonReport).findings;
    expect(findings()).toEqual(findings());
  });

  it('keeps an index when asked, and the same findings from it', () => {
    write({ 'server.js': VULNERABLE, 'math.js': CLEAN });
    const run = (): JsonReport =>
      JSON.parse(tributary('scan', '--format', 'json', '--storage', '.index').stdout) as JsonReport;
    const first = run();
    expect(statSync(join(folder, '.index')).isDirectory()).toBe(true);
    const second = run();
    expect(second.findings).toEqual(first.findings);
    expect(second.findings).toHaveLength(1);
    write({ 'server.js': CLEAN });
    expect(run().findings).toEqual([]);
  });

  it('scans what is sound around what is not', () => {
    write({
      'server.js': VULNERABLE,
      'broken.js': `${VULNERABLE}\nfunction oops( {{{ \n`,
      'binary.js': new Uint8Array([0, 1, 2, 255, 0, 7]),
      'bundle.js': `${'var a=1;b(a);'.repeat(2000)}\n`,
      'huge.js': `// ${'x'.repeat(100)}\n`.repeat(11_000),
      'empty.js': '',
      'node_modules/dependency/index.js': VULNERABLE,
      'ignored/server.js': VULNERABLE,
      '.gitignore': 'ignored/\n',
    });
    const { code, stdout } = tributary('scan', '--format', 'json');
    const report = JSON.parse(stdout) as JsonReport;
    const trouble = Object.fromEntries(report.files.map(({ file, state, reason }) => [file, `${state} ${reason}`]));
    expect(Object.keys(trouble).sort()).toEqual(['binary.js', 'broken.js', 'bundle.js', 'huge.js']);
    expect(trouble['binary.js']).toMatch(/^skipped .*binary/);
    expect(trouble['bundle.js']).toMatch(/^skipped .*minified/);
    expect(trouble['huge.js']).toMatch(/^skipped .*(large|KB|size)/i);
    expect(trouble['broken.js']).toMatch(/^partial/);
    expect([...new Set(report.findings.map(({ sink }) => sink.file))].sort()).toEqual(['broken.js', 'server.js']);
    expect(code).toBe(1);
  });

  it('scans a dependency that is named', () => {
    write({
      'node_modules/dependency/index.js': VULNERABLE,
      'node_modules/dependency/package.json': '{"name":"dependency"}',
    });
    expect(tributary('scan').code).toBe(2);
    const named = tributary('scan', 'node_modules/dependency');
    expect(named.stdout).toMatch(/^index\.js:6:/);
    expect(named.code).toBe(1);
  });

  it('scans a single file', () => {
    write({ 'src/server.js': VULNERABLE, 'src/other.js': VULNERABLE });
    const { code, stdout } = tributary('scan', 'src/server.js');
    expect(stdout).toMatch(/^src\/server\.js:6:/);
    expect(stdout).toMatch(/1 file analysed/);
    expect(code).toBe(1);
  });

  it('says what is wrong with its input', () => {
    expect(tributary('scan', 'nowhere')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'tributary: nowhere does not exist\n',
    });
    const empty = tributary('scan');
    expect(empty.code).toBe(2);
    expect(empty.stderr).toMatch(/^tributary: \S+ holds no file that could be analysed\.\n$/);
    expect(tributary('scan', '--no-such-option').code).toBe(2);
  });

  it('survives a reader that goes away', async () => {
    write(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`server${String(i)}.js`, VULNERABLE])));
    const child = spawn(process.execPath, [join(dist, 'cli.js'), 'scan', '--format', 'json'], { cwd: folder });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });
});
