/**
 * Packages of the registry, unpacked into a cache outside the tree: `npm pack` fetches, `tar` unpacks, a rename makes
 * it visible, so that an interrupted run goes on where it was. Nothing of a package is ever run. A package that the
 * registry no longer has is remembered and reported; any other failure is tried again in the next run.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Requests to the registry at a time. */
const PARALLEL = 4;
const GONE = /\b(E404|ETARGET|404 Not Found|No matching version|is not in this registry)\b/;

/** Folder of the cache; `TRIBUTARY_CACHE` moves it. */
export function cacheFolder(): string {
  return join(process.env['TRIBUTARY_CACHE'] || join(homedir(), '.cache', 'tributary'), 'packages');
}

export interface PackageVersion {
  readonly name: string;
  readonly version: string;
  /** Of the archive, as lock files write it; checked when the package is fetched. */
  readonly integrity?: string;
}

export interface FetchProblem {
  /** `name@version`. */
  readonly spec: string;
  readonly reason: string;
}

export interface FetchOutcome {
  /** The registry says that there is no such version (any more). */
  readonly gone: readonly FetchProblem[];
  /** Something else went wrong this time. */
  readonly failed: readonly FetchProblem[];
}

/** Folder that a package is (or will be) unpacked to. Scoped names keep their slash as `+`. */
export function packageFolder({ name, version }: PackageVersion): string {
  return join(cacheFolder(), `${name.replace('/', '+')}@${version}`);
}

/** Makes sure that all packages are in the cache, a few at a time. */
export async function fetchPackages(
  packages: readonly PackageVersion[],
  onProgress: (done: number, total: number, spec: string) => void = () => undefined,
): Promise<FetchOutcome> {
  mkdirSync(cacheFolder(), { recursive: true });
  const gone: FetchProblem[] = [];
  const failed: FetchProblem[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < packages.length) {
      const wanted = packages[next++];
      const spec = `${wanted.name}@${wanted.version}`;
      const outcome = await fetchPackage(wanted, spec);
      if (outcome.state === 'gone') gone.push({ spec, reason: outcome.reason });
      if (outcome.state === 'failed') failed.push({ spec, reason: outcome.reason });
      onProgress(++done, packages.length, spec);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { gone, failed };
}

interface PackageOutcome {
  readonly state: 'here' | 'gone' | 'failed';
  readonly reason: string;
}

async function fetchPackage(wanted: PackageVersion, spec: string): Promise<PackageOutcome> {
  const folder = packageFolder(wanted);
  if (existsSync(folder)) return { state: 'here', reason: '' };
  const goneMark = `${folder}.gone`;
  if (existsSync(goneMark)) return { state: 'gone', reason: readFileSync(goneMark, 'utf8') };
  const temporary = `${folder}.tmp-${String(process.pid)}`;
  const content = join(temporary, 'content');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(content, { recursive: true });
  try {
    const packed = await run(
      'npm',
      ['pack', spec, '--ignore-scripts', '--loglevel=error', '--pack-destination', temporary],
      temporary,
    );
    if (packed.code !== 0) {
      const reason = firstLine(packed.output);
      if (!GONE.test(packed.output)) return { state: 'failed', reason };
      writeFileSync(goneMark, reason);
      return { state: 'gone', reason };
    }
    const archive = readdirSync(temporary).find((file) => file.endsWith('.tgz'));
    if (archive === undefined) return { state: 'failed', reason: 'npm pack left no archive' };
    if (wanted.integrity !== undefined && !isIntact(join(temporary, archive), wanted.integrity)) {
      return { state: 'failed', reason: 'the archive is not the one that was pinned' };
    }
    const options = ['--strip-components=1', '--no-same-owner', '--no-same-permissions'];
    const unpacked = await run('tar', ['-xzf', archive, '-C', 'content', ...options], temporary);
    if (unpacked.code !== 0) return { state: 'failed', reason: firstLine(unpacked.output) };
    // Some old archives hold folders without the permission to enter them.
    if (process.platform !== 'win32') await run('chmod', ['-R', 'u+rwX', content], temporary);
    renameSync(content, folder);
    return { state: 'here', reason: '' };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** True when the file has the checksum, `algorithm-base64`. */
function isIntact(file: string, integrity: string): boolean {
  const dash = integrity.indexOf('-');
  return createHash(integrity.slice(0, dash)).update(readFileSync(file)).digest('base64') === integrity.slice(dash + 1);
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** The line that says what is wrong, without addresses. */
function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^npm (error|ERR!|warn) ?/i, '').trim());
  const line = lines.find((candidate) => candidate !== '' && !/^code |^Unknown /.test(candidate));
  return (line ?? 'unknown error').replace(/https?:\/\/\S+/g, '(registry)');
}
