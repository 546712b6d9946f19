import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tamper } from '../unit/store/tamper';
import { CLEAN, CliWorkspace, VULNERABLE } from './workspace';

let workspace: CliWorkspace;
beforeAll(async () => {
  workspace = await CliWorkspace.build();
});
beforeEach(() => {
  workspace.clear();
  workspace.write({ 'server.js': VULNERABLE, 'math.js': CLEAN, 'broken.js': `${CLEAN}function (((\n` });
});
afterAll(() => workspace.remove());

interface HealthJson {
  readonly files: { readonly indexed: number; readonly partial: number };
  readonly remarkable: readonly { readonly path: string; readonly state: string }[];
  readonly findings: number;
  readonly functions: number;
  readonly callSites: { readonly total: number; readonly toModels: number };
  readonly storage: { readonly folder: string; readonly lastCheckpoint: string };
  readonly runs: readonly { readonly kind: string; readonly indexed: number }[];
  readonly consistency: { readonly found: number };
  readonly verification?: {
    readonly kind: string;
    readonly comparison: { readonly lines: number; readonly different: number };
  };
}

function json(...args: readonly string[]): HealthJson {
  const { stdout, stderr } = workspace.run('health', '--json', ...args);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as HealthJson;
}

describe('tributary health', () => {
  it('tells what is in the index, and what is not', () => {
    const nothing = workspace.run('health');
    expect(nothing).toMatchObject({ code: 2, stdout: '' });
    expect(nothing.stderr).toMatch(/there is no index of .*; tributary index makes one\n$/);
    expect(workspace.run('index').code).toBe(0);
    const { code, stdout, stderr } = workspace.run('health');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, folder] = /^kept in: +(.*)$/m.exec(stdout) ?? [];
    expect(existsSync(join(folder, 'index.sqlite'))).toBe(true);
    expect(stdout).toMatch(/^files: +2 indexed, 1 partial, 0 failed, 0 skipped$/m);
    expect(stdout).toMatch(/^functions: +\d+, of which a limit cut 0$/m);
    expect(stdout).toMatch(/^- to models: +\d+ \(\d+\.\d %\)$/m);
    expect(stdout).toMatch(/^last checkpoint: +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m);
    expect(stdout).toMatch(/^\S+ \S+ {2}scan {6}[\d. ]+m?s {2}3 files indexed, 1 finding$/m);
    expect(stdout).toMatch(/## Partial files\n\nbroken\.js {2}1 part could not be parsed\.\n/);
  });

  it('gives the same as JSON', () => {
    workspace.run('index', '--storage', '.index');
    const health = json('--storage', '.index');
    expect(health).toMatchObject({
      findings: 1,
      storage: { folder: workspace.path('.index') },
      consistency: { found: 0 },
    });
    expect(health.callSites.toModels).toBeGreaterThan(0);
    expect(health.files).toMatchObject({ indexed: 2, partial: 1 });
    expect(health.remarkable).toMatchObject([{ path: workspace.path('broken.js'), state: 'partial' }]);
    expect(health.runs).toMatchObject([{ kind: 'scan', indexed: 3 }]);
  });

  it('compares with a clean build, and finds what was tampered with', async () => {
    const storage = workspace.path('.index');
    workspace.run('index', '--storage', storage);
    workspace.write({ 'math.js': `${CLEAN}exports.more = 1;\n` });
    const equal = workspace.run('health', '--storage', storage, '--verify', '--json');
    expect(equal.code).toBe(0);
    expect((JSON.parse(equal.stdout) as HealthJson).verification).toMatchObject({
      kind: 'equal',
      comparison: { different: 0 },
    });
    expect(equal.stderr).toMatch(
      /^tributary: The index equals a clean build: \d+ lines about \d+ files and findings compared\.\n$/,
    );
    workspace.run('index', '--storage', storage);
    // Somebody takes names out of the database, which has no way to notice.
    await tamper(storage, 'DELETE FROM symbol');
    const { code, stdout, stderr } = workspace.run('health', '--storage', storage, '--verify');
    expect(stderr).toContain('The index differs from a clean build in');
    expect(stdout).toMatch(/## Compared with a clean build\n\n.*\n[^]*broken\.js {2}symbol/);
    expect(code).toBe(1);
    // A full build is one command away.
    expect(workspace.run('index', '--storage', storage, '--full').stdout).toMatch(
      /^3 files indexed, 0 unchanged; 1 finding/,
    );
    expect(workspace.run('health', '--storage', storage, '--verify').code).toBe(0);
  });

  it('asks the background for its index', async () => {
    const run = workspace.start('watch');
    await run.wrote(/Watching/);
    const { code, stdout } = workspace.run('health');
    expect(stdout).toMatch(/^# Index health\n\nWatched by process \d+ since /);
    expect(stdout).toMatch(/^files: +2 indexed, 1 partial/m);
    expect(code).toBe(0);
    expect(json().findings).toBe(1);
    expect(workspace.run('health', '--verify').code).toBe(2);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    const [name] = readdirSync(join(workspace.cache, 'index'));
    expect(readdirSync(join(workspace.cache, 'index', name)).filter((file) => file.startsWith('watch'))).toEqual([]);
  });

  it('makes nothing of a damaged index', () => {
    workspace.run('index', '--storage', '.index');
    const file = workspace.path('.index/index.sqlite');
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] ^= 0xff;
    writeFileSync(file, bytes);
    const { code, stdout, stderr } = workspace.run('health', '--storage', '.index');
    expect(code).toBe(0);
    expect(stderr).toContain('damaged');
    expect(stdout).toMatch(/^files: +0 indexed/m);
  });
});
