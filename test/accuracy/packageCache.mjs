/**
 * Packages of the registry, unpacked into a cache outside the tree: `npm pack` fetches, `tar` unpacks, a rename makes
 * it visible, so that an interrupted run goes on where it was. Nothing of a package is ever run. A package that the
 * registry no longer has is remembered and reported; any other failure is tried again in the next run.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder of the cache; `TRIBUTARY_CACHE` moves it. */
export function cacheFolder() {
  return join(process.env['TRIBUTARY_CACHE'] || join(homedir(), '.cache', 'tributary'), 'packages');
}

/**
 * Folder that a package is (or will be) unpacked to. Scoped names keep their slash as `+`.
 * @param {{ name: string, version: string }} wanted
 */
export function packageFolder({ name, version }) {
  return join(cacheFolder(), `${name.replace('/', '+')}@${version}`);
}

/**
 * Makes sure that all packages are in the cache.
 * @param {readonly { name: string, version: string }[]} packages
 * @param {{ parallel?: number, onProgress?: (done: number, total: number, spec: string) => void }} [options]
 * @returns {Promise<{ gone: { spec: string, reason: string }[], failed: { spec: string, reason: string }[] }>}
 *   `gone`: the registry says that there is no such version; `failed`: something else went wrong this time.
 */
export async function fetchPackages(packages, { parallel = 4, onProgress } = {}) {
  mkdirSync(cacheFolder(), { recursive: true });
  const gone = [];
  const failed = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < packages.length) {
      const wanted = packages[next++];
      const spec = `${wanted.name}@${wanted.version}`;
      const outcome = await fetchPackage(wanted);
      if (outcome.state === 'gone') gone.push({ spec, reason: outcome.reason });
      if (outcome.state === 'failed') failed.push({ spec, reason: outcome.reason });
      onProgress?.(++done, packages.length, spec);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { gone, failed };
}

/**
 * @param {{ name: string, version: string }} wanted
 * @returns {Promise<{ state: 'here' | 'gone' | 'failed', reason: string }>}
 */
async function fetchPackage(wanted) {
  const folder = packageFolder(wanted);
  if (existsSync(folder)) return { state: 'here', reason: '' };
  const goneMark = `${folder}.gone`;
  if (existsSync(goneMark)) return { state: 'gone', reason: readFileSync(goneMark, 'utf8') };
  const spec = `${wanted.name}@${wanted.version}`;
  const temporary = `${folder}.tmp-${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(join(temporary, 'content'), { recursive: true });
  try {
    const packed = await run(
      'npm',
      ['pack', spec, '--ignore-scripts', '--loglevel=error', '--pack-destination', temporary],
      temporary,
    );
    if (packed.code !== 0) {
      const reason = firstLine(packed.output);
      if (!/\b(E404|ETARGET|404 Not Found|No matching version|is not in this registry)\b/.test(packed.output)) {
        return { state: 'failed', reason };
      }
      writeFileSync(goneMark, reason);
      return { state: 'gone', reason };
    }
    const archive = readdirSync(temporary).find((file) => file.endsWith('.tgz'));
    if (!archive) return { state: 'failed', reason: 'npm pack left no archive' };
    const unpacked = await run(
      'tar',
      [
        '-xzf',
        join(temporary, archive),
        '-C',
        join(temporary, 'content'),
        '--strip-components=1',
        '--no-same-owner',
        '--no-same-permissions',
      ],
      temporary,
    );
    if (unpacked.code !== 0) return { state: 'failed', reason: firstLine(unpacked.output) };
    // Some old archives hold folders without the permission to enter them.
    if (process.platform !== 'win32') await run('chmod', ['-R', 'u+rwX', join(temporary, 'content')], temporary);
    renameSync(join(temporary, 'content'), folder);
    return { state: 'here', reason: '' };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function firstLine(text) {
  return (
    text
      .split('\n')
      .map((line) => line.replace(/^npm (error|ERR!|warn) ?/i, '').trim())
      .find((line) => line && !/^code |^Unknown /.test(line)) ?? 'unknown error'
  ).replace(/https?:\/\/\S+/g, '(registry)');
}
