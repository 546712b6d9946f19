import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WatcherState } from '../../server/src/cli/background';
import { CLEAN, CliWorkspace, VULNERABLE, type Running } from './workspace';

let workspace: CliWorkspace;
let watcher: Running | undefined;

beforeAll(async () => {
  workspace = await CliWorkspace.build();
});
beforeEach(() => {
  workspace.clear();
  watcher = undefined;
});
afterEach(async () => {
  watcher?.child.kill('SIGINT');
  await watcher?.ended;
});
afterAll(() => workspace.remove());

async function watching(...args: readonly string[]): Promise<Running> {
  watcher = workspace.start('watch', ...args);
  await watcher.wrote(/Watching .*\n/);
  return watcher;
}

/** Storage folder of the only folder that is watched. */
function storage(): string {
  const [name] = readdirSync(join(workspace.cache, 'index'));
  return join(workspace.cache, 'index', name);
}

describe('tributary watch', () => {
  it('prints what appears and vanishes, and ends with 0', async () => {
    workspace.write({ 'src/server.js': CLEAN });
    const run = await watching();
    expect(run.text()).toMatch(/^1 file, 0 findings \([\d.]+ s\)\.\nWatching /);
    workspace.write({ 'src/server.js': VULNERABLE });
    const added = await run.wrote(/\n {2}\+ .*\n/);
    expect(added).toMatch(/\n[\d:]{8} {2}1 file changed: 1 new, 0 gone, 1 finding in all/);
    expect(added).toMatch(
      /\n {2}\+ src\/server\.js:6:\d+ {2}\w+ {2}command-injection {2}CWE-78 {2}from src\/server\.js:5:\d+\n/,
    );
    const position = run.text().length;
    rmSync(workspace.path('src/server.js'));
    expect(await run.wrote(/\n {2}- .*\n/, position)).toMatch(/1 file changed: 0 new, 1 gone, 0 findings in all/);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
  });

  it('takes a checkout of 500 files as one update', async () => {
    workspace.git('init', '--quiet', '--initial-branch=main');
    const names = Array.from({ length: 500 }, (_, i) => `src/part${String(i % 10)}/file${String(i)}.js`);
    workspace.write({ ...Object.fromEntries(names.map((name) => [name, CLEAN])), 'same.js': CLEAN });
    workspace.git('add', '.');
    workspace.git('commit', '--quiet', '-m', 'one');
    workspace.git('checkout', '--quiet', '-b', 'other');
    workspace.write(Object.fromEntries(names.map((name, i) => [name, `${CLEAN}exports.n = ${String(i)};\n`])));
    workspace.write({ [names[7]]: VULNERABLE, 'new/folder/more.js': VULNERABLE });
    workspace.git('add', '.');
    workspace.git('commit', '--quiet', '-m', 'two');
    workspace.git('checkout', '--quiet', 'main');
    const run = await watching();
    let position = run.text().length;
    workspace.git('checkout', '--quiet', 'other');
    const there = await run.wrote(/changed[^]*\+[^]*\+.*\n/, position);
    expect(there.match(/changed: .* in all/g)).toEqual(['changed: 2 new, 0 gone, 2 findings in all']);
    expect(there).toContain('501 files changed');
    position = run.text().length;
    workspace.git('checkout', '--quiet', 'main');
    const back = await run.wrote(/changed[^]*-[^]*-.*\n/, position);
    expect(back.match(/\d+ files changed: .* in all/g)).toEqual([
      '501 files changed: 0 new, 2 gone, 0 findings in all',
    ]);
  });

  it('sees moved folders, ignore files and models, and not what is left out', async () => {
    workspace.write({
      'lib/a.js': VULNERABLE,
      'ignored/b.js': VULNERABLE.replace('/ping', '/b'),
      '.gitignore': 'ignored/\n',
      'node_modules/x/index.js': CLEAN,
    });
    const run = await watching('--no-storage');
    expect(run.text()).toContain('1 file, 1 finding');
    workspace.write({ 'node_modules/x/index.js': VULNERABLE, 'ignored/b.js': `${VULNERABLE}// edited\n` });
    renameSync(workspace.path('lib'), workspace.path('moved.d'));
    const moved = await run.wrote(/ {2}- lib.*\n/, 0);
    expect(moved).toMatch(/2 files changed: 1 new, 1 gone, 1 finding in all[^]* {2}\+ moved\.d\/a\.js/);
    let position = run.text().length;
    workspace.write({ '.gitignore': '\n' });
    expect(await run.wrote(/ {2}\+ .*\n/, position)).toContain('+ ignored/b.js');
    // It is watched from now on.
    position = run.text().length;
    workspace.write({ 'ignored/b.js': CLEAN });
    expect(await run.wrote(/ {2}- .*\n/, position)).toContain('- ignored/b.js');
    position = run.text().length;
    const model = [
      'library: ping',
      'packages: [child_process]',
      'apis:',
      '  - path: Member[exec]',
      '    sanitizes: nothing',
    ];
    workspace.write({ '.tributary/models/own.yaml': model.join('\n') });
    await run.wrote(/Models of the folder changed/, position);
  });

  it('watches a folder once at a time', async () => {
    workspace.write({ 'a.js': CLEAN });
    await watching();
    const second = workspace.run('watch');
    expect(second.code).toBe(2);
    expect(second.stderr).toMatch(/is watched already, by process \d+/);
  });
});

describe('in the background', () => {
  afterEach(() => {
    workspace.run('watch', '--stop');
  });

  it('starts, tells and ends', async () => {
    workspace.write({ 'server.js': CLEAN });
    expect(workspace.run('watch', '--status')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Nothing watches/) as string,
    });
    const started = workspace.run('watch', '--detach');
    expect(started.stderr).toBe('');
    expect(started.code).toBe(0);
    const pid = Number(/process (\d+)/.exec(started.stdout)?.[1]);
    const log = join(storage(), 'watch.log');
    expect(workspace.run('watch', '--detach').stdout).toContain(`watched already, by process ${String(pid)}`);
    await until(() => readFileSync(log, 'utf8').includes('Watching'));
    workspace.write({ 'server.js': VULNERABLE });
    await until(() => readFileSync(log, 'utf8').includes('+ server.js:6'));
    await until(() => workspace.run('watch', '--status').stdout.includes('1 new'));
    const status = workspace.run('watch', '--status');
    expect(status.stdout).toMatch(new RegExp(`is watched by process ${String(pid)} since `));
    expect(status.stdout).toContain('1 file, 1 finding.');
    expect(status.code).toBe(0);
    expect(isAlive(pid)).toBe(true);
    const stopped = workspace.run('watch', '--stop');
    expect(stopped).toMatchObject({ code: 0, stderr: '' });
    await until(() => !isAlive(pid));
    expect(workspace.run('watch', '--stop').code).toBe(1);
    expect(existsSync(join(storage(), 'watch.json'))).toBe(false);
    // What it knew is there for the next.
    const run = await watching();
    expect(run.text()).toMatch(/^1 file \(0 changed\), 1 finding/);
  });

  it('takes no process for its own because of a number', async () => {
    workspace.write({ 'server.js': CLEAN });
    const run = await watching();
    const file = join(storage(), 'watch.json');
    const state = JSON.parse(readFileSync(file, 'utf8')) as WatcherState;
    run.child.kill('SIGKILL');
    await run.ended;
    // A process that has nothing to do with it got the number.
    writeFileSync(file, JSON.stringify({ ...state, pid: process.pid }));
    expect(workspace.run('watch', '--status').code).toBe(1);
    expect(workspace.run('watch', '--stop').code).toBe(1);
    expect(existsSync(file)).toBe(false);
    expect(workspace.run('watch', '--detach').code).toBe(0);
  });

  it('says why it could not start', () => {
    workspace.write({ 'server.js': CLEAN, notAFolder: '' });
    expect(workspace.run('watch', 'nowhere', '--detach')).toMatchObject({
      code: 2,
      stderr: 'tributary: nowhere does not exist\n',
    });
    expect(workspace.run('watch', '--detach', '--no-storage').code).toBe(2);
    expect(workspace.run('watch', '--detach', '--stop').code).toBe(2);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(probe: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!probe()) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
