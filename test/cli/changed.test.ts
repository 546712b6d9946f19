import { rmSync } from 'node:fs';
import type * as sarif from 'sarif';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonReport } from '../../server/src/present/json';
import { CLEAN, CliWorkspace, VULNERABLE } from './workspace';

const ROUTES = `const run = require('./run');\nrequire('express')().get('/', (req) => run(req.query.cmd));\n`;
const SAFE_RUN = `module.exports = (command) => command.length;\n`;
const RUN = `const cp = require('child_process');\nmodule.exports = (command) => cp.execSync(command);\n`;

let workspace: CliWorkspace;
beforeAll(async () => {
  workspace = await CliWorkspace.build();
});
beforeEach(() => {
  workspace.clear();
  workspace.git('init', '--quiet', '--initial-branch=main');
  workspace.write({
    'old.js': VULNERABLE,
    'routes.js': ROUTES,
    'run.js': SAFE_RUN,
    'gone.js': VULNERABLE.replace('/ping', '/gone'),
  });
  workspace.git('add', '.');
  workspace.git('commit', '--quiet', '-m', 'one');
});
afterAll(() => workspace.remove());

function report(...args: readonly string[]): JsonReport {
  const { stdout, stderr } = workspace.run('scan', '--changed', '--format', 'json', ...args);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as JsonReport;
}

const findings = ({ findings: list }: JsonReport): string[] =>
  list.map(({ isNew, source, sink }) => `${isNew === true ? 'new' : 'old'} ${source.file} > ${sink.file}`);

describe('tributary scan --changed', () => {
  it('reports nothing where nothing was changed', () => {
    const { code, stdout } = workspace.run('scan', '--changed');
    expect(stdout).toMatch(
      /^No taint paths found\. 4 files analysed in [\d.]+ s\.\n0 files changed since the last commit: 0 new findings, 0 gone\.\n$/,
    );
    expect(code).toBe(0);
  });

  it('reports what a change does elsewhere, new findings first', () => {
    // The path begins in a file that nobody touched.
    workspace.write({
      'run.js': RUN,
      'old.js': `// moved down\n${VULNERABLE}`,
      'fresh/a.js': VULNERABLE.replace('/ping', '/a'),
    });
    rmSync(workspace.path('gone.js'));
    const result = report();
    expect(findings(result)).toEqual(['new fresh/a.js > fresh/a.js', 'new routes.js > run.js', 'old old.js > old.js']);
    expect(result.changes).toMatchObject({ since: 'HEAD', files: 4, new: 2, gone: 1 });
    expect(result.changes?.commit).toBe(workspace.git('rev-parse', 'HEAD').trim());
  });

  it('ends with 1 for new findings only', () => {
    workspace.write({ 'old.js': `// moved down\n${VULNERABLE}` });
    expect(workspace.run('scan', '--changed').code).toBe(0);
    workspace.write({ 'run.js': RUN });
    const { code, stdout } = workspace.run('scan', '--changed');
    expect(stdout).toMatch(/^run\.js:2:\d+ {2}new {2}/);
    expect(code).toBe(1);
  });

  it('compares with where the branch began', () => {
    workspace.git('checkout', '--quiet', '-b', 'feature');
    workspace.write({ 'run.js': RUN });
    workspace.git('commit', '--quiet', '--all', '-m', 'two');
    workspace.git('checkout', '--quiet', 'main');
    workspace.write({ 'main.js': VULNERABLE.replace('/ping', '/main') });
    workspace.git('add', '.');
    workspace.git('commit', '--quiet', '-m', 'three');
    workspace.git('checkout', '--quiet', 'feature');
    expect(findings(report())).toEqual([]);
    expect(findings(report('--base', 'main'))).toEqual(['new routes.js > run.js']);
    const log = JSON.parse(
      workspace.run('scan', '--changed', '--base', 'main', '--format', 'sarif').stdout,
    ) as sarif.Log;
    expect(log.runs[0]?.results?.map(({ baselineState }) => baselineState)).toEqual(['new']);
  });

  it('leaves a kept index as the files are', () => {
    workspace.write({ 'run.js': RUN });
    report('--storage', '.index');
    const { stdout } = workspace.run('scan', '--storage', '.index', '--format', 'json', '--verbose');
    expect((JSON.parse(stdout) as JsonReport).findings).toHaveLength(3);
    expect(findings(report('--storage', '.index'))).toEqual(['new routes.js > run.js']);
  });

  it('looks at a folder in the middle of a repository', () => {
    workspace.write({ 'packages/a/x.js': VULNERABLE, 'packages/b/y.js': VULNERABLE });
    expect(findings(report('packages/a'))).toEqual(['new x.js > x.js']);
  });

  it('says what is wrong', () => {
    expect(workspace.run('scan', '--changed', '--base', 'nothing')).toMatchObject({
      code: 2,
      stderr: 'tributary: git knows no revision nothing\n',
    });
    expect(workspace.run('scan', '--changed', '--base', '--output=x').stderr).toContain(
      'git knows no revision --output=x',
    );
    expect(workspace.run('scan', '--base', 'main').code).toBe(2);
    rmSync(workspace.path('.git'), { recursive: true });
    workspace.write({ 'a.js': CLEAN });
    const outside = workspace.run('scan', '--changed');
    expect(outside).toMatchObject({ code: 2, stdout: '' });
    expect(outside.stderr).toMatch(/is not in a git repository\n$/);
  });

  it('indexes only the difference after a checkout of another branch', () => {
    const names = Array.from({ length: 60 }, (_, i) => `src/file${String(i)}.js`);
    workspace.write(Object.fromEntries(names.map((name) => [name, CLEAN])));
    workspace.git('add', '.');
    workspace.git('commit', '--quiet', '-m', 'two');
    workspace.git('checkout', '--quiet', '-b', 'other');
    workspace.write({
      [names[3]]: VULNERABLE.replace('/ping', '/three'),
      [names[4]]: `${CLEAN}// four\n`,
      'src/more.js': `${CLEAN}// more\n`,
    });
    rmSync(workspace.path(names[5]));
    workspace.git('add', '.');
    workspace.git('commit', '--quiet', '-m', 'three');
    workspace.git('checkout', '--quiet', 'main');
    expect(workspace.run('index').stdout).toMatch(/^64 files indexed, 0 unchanged; 2 findings/);
    workspace.git('checkout', '--quiet', 'other');
    expect(workspace.run('index').stdout).toMatch(/^3 files indexed, 61 unchanged, 1 removed; 3 findings/);
    workspace.git('checkout', '--quiet', 'main');
    // Only the time of files tells at first; their content decides.
    workspace.write({ [names[10]]: CLEAN });
    expect(workspace.run('index').stdout).toMatch(/^3 files indexed, 61 unchanged, 1 removed; 2 findings/);
    expect(workspace.run('index', '--full').stdout).toMatch(/^64 files indexed, 0 unchanged; 2 findings/);
  });
});
