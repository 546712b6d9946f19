/** A folder to analyse, the command line built once, and processes of it that tests start and talk to. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildCommandLine } from './buildCommandLine';

const PATIENCE = 30_000;

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that is still running. */
export interface Running {
  readonly child: ChildProcess;
  /** All it wrote so far, to either stream. */
  text(): string;
  /** Waits until it wrote something, from a position of `text` on; gives all from there. */
  wrote(what: RegExp, from?: number): Promise<string>;
  /** Settles with the exit code. */
  readonly ended: Promise<number | null>;
}

export class CliWorkspace {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-cli-')));
  /** Where commands keep indexes when nobody names a folder. */
  readonly cache = mkdtempSync(join(tmpdir(), 'tributary-cache-'));
  private readonly running: ChildProcess[] = [];

  private constructor(private readonly dist: string) {}

  static async build(): Promise<CliWorkspace> {
    return new CliWorkspace(await buildCommandLine());
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(this.path(name)), { recursive: true });
      writeFileSync(this.path(name), content);
    }
  }

  /** Empties folder and cache. */
  clear(): void {
    for (const path of [this.folder, this.cache]) {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
      mkdirSync(path);
    }
  }

  run(...args: readonly string[]): Result {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(this.dist, 'cli.js'), ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      env: this.environment(),
      maxBuffer: 1 << 28,
    });
    return { code: status, stdout, stderr };
  }

  start(...args: readonly string[]): Running {
    const child = spawn(process.execPath, [join(this.dist, 'cli.js'), ...args], {
      cwd: this.folder,
      env: this.environment(),
    });
    this.running.push(child);
    let text = '';
    const waiting = new Set<() => void>();
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      for (const look of waiting) look();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const wrote = (what: RegExp, from = 0): Promise<string> =>
      new Promise((resolve, reject) => {
        const finish = (): void => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = (): void => {
          if (!what.test(text.slice(from))) return;
          finish();
          resolve(text.slice(from));
        };
        const timer = setTimeout(() => {
          finish();
          reject(new Error(`waited for ${String(what)}; it wrote:\n${text.slice(from)}`));
        }, PATIENCE);
        waiting.add(look);
        look();
      });
    return { child, text: () => text, wrote, ended };
  }

  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
    // An empty file of its own instead of the null device, which is not an empty file on every machine.
    const config = join(this.dist, 'gitconfig');
    writeFileSync(config, '');
    const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: config, GIT_CONFIG_NOSYSTEM: '1' },
    });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Ends what the tests left running, and removes everything. */
  async remove(): Promise<void> {
    for (const child of this.running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    }
    for (const path of [this.folder, this.cache, this.dist]) {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  private environment(): NodeJS.ProcessEnv {
    return { ...process.env, NO_COLOR: '', FORCE_COLOR: '', TRIBUTARY_CACHE: this.cache };
  }
}

export const VULNERABLE = `const express = require('express');
const { exec } = require('child_process');
const app = express();
app.get('/ping', (req, res) => {
  const host = req.query.host;
  exec('ping ' + host, (error, output) => res.send('done'));
});
`;

export const CLEAN = `exports.add = (a, b) => a + b;\n`;
