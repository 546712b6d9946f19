/**
 * What git says has changed below a folder since a revision, and what the changed files were then. Reads only: no hook,
 * filter, external diff or file system monitor of the repository is run.
 */
import { spawn } from 'node:child_process';
import * as nodePath from 'node:path';

export interface ChangedFile {
  /** Absolute, with `/`. */
  readonly path: string;
  /** What was in it at the base; undefined when it was not there. */
  readonly before: string | undefined;
}

export interface Changes {
  /** Hash of the commit that was compared with. */
  readonly base: string;
  readonly files: readonly ChangedFile[];
}

/** One sentence, without the program's name in front. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/** Files whose earlier content matters: sources, and what module resolution reads. */
const RELEVANT = /\.(?:[cm]?[jt]s|[jt]sx)$|(?:^|\/)(?:package|tsconfig[^/]*|jsconfig[^/]*)\.json$|(?:^|\/)[^./]+$/i;

/**
 * Files below an absolute folder that differ between the working tree and `revision`, or, for another branch than the
 * present one, the commit at which the present branch left it. Files that git does not track yet count, ignored ones
 * don't. Throws `GitError`.
 */
export async function changesSince(folder: string, revision: string): Promise<Changes> {
  const git = (args: readonly string[], input?: string): Promise<Buffer> => runGit(folder, args, input);
  // Of the repository, before the names that git gives. The folder itself may have been reached through a link.
  const prefix = (await git(['rev-parse', '--show-prefix'])).toString().replace(/\n$/, '');
  const base = await baseOf(git, revision);
  const list = async (args: readonly string[]): Promise<string[]> =>
    (await git(args))
      .toString()
      .split('\0')
      .filter((name) => RELEVANT.test(name) && !name.includes('\n'));
  // Unlike `diff`, this reads no file, for which a filter of the repository might be run: a file that was only touched is listed, too.
  const tracked = await list(['diff-index', '--name-only', '-z', '--no-renames', base, '--', '.']);
  const untracked = await list(['ls-files', '--others', '--exclude-standard', '--full-name', '-z', '--', '.']);
  const names = [...new Set([...tracked, ...untracked])].sort();
  const before = contentsIn(await git(['cat-file', '--batch'], names.map((name) => `${base}:${name}\n`).join('')));
  const top = folder.replaceAll(nodePath.sep, '/').replace(/\/$/, '');
  return {
    base,
    files: names.map((name, i) => ({ path: `${top}/${name.slice(prefix.length)}`, before: before[i] })),
  };
}

async function baseOf(git: (args: readonly string[]) => Promise<Buffer>, revision: string): Promise<string> {
  const resolve = async (name: string): Promise<string> =>
    (await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])).toString().trim();
  let commit: string;
  try {
    commit = await resolve(revision);
  } catch (error) {
    const message = revision === 'HEAD' ? 'there is no commit to compare with' : `git knows no revision ${revision}`;
    throw new GitError(message, { cause: error });
  }
  try {
    return (await git(['merge-base', commit, 'HEAD'])).toString().trim();
  } catch {
    // No common ancestor: then the revision itself is the best there is.
    return commit;
  }
}

/** What `git cat-file --batch` wrote: a line with kind and size, then the content and a line feed; or a line that ends with `missing`. */
function contentsIn(output: Buffer): (string | undefined)[] {
  const result: (string | undefined)[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    if (end < 0) break;
    const header = /^[\da-f]+ (\w+) (\d+)$/.exec(output.toString('utf8', at, end));
    at = end + 1;
    if (header === null) {
      result.push(undefined);
      continue;
    }
    const size = Number(header[2]);
    result.push(header[1] === 'blob' ? output.toString('utf8', at, at + size) : undefined);
    at += size + 1;
  }
  return result;
}

function runGit(folder: string, args: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-c', 'core.fsmonitor=false', '-C', folder, ...args], {
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const output: Buffer[] = [];
    let problem = '';
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    child.once('error', (error) => {
      reject(new GitError(`git could not be run: ${error.message}`));
    });
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new GitError(sentenceOf(problem, folder)));
    });
    // A git that ends early reads no input; its exit code says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function sentenceOf(problem: string, folder: string): string {
  if (problem.includes('not a git repository')) return `${folder} is not in a git repository`;
  return `git: ${problem.trim().split('\n')[0] || 'it failed without a message'}`;
}
