/**
 * What a first index is like while it runs: what each commit takes (which must not grow with what is stored), and how
 * long someone who types meanwhile waits for diagnostics. See `firstIndex.mjs`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { percentile } from '../accuracy/score';
import { BenchClient } from './client';
import type { Commit, CommitResult } from './commitRun';
import { prepareCorpus } from './corpus';
import { editsFor, type Edit } from './typing';

/** Commits that are shown as one. */
const PARTS = 10;
/** A thousand lines, many of them functions. */
const DEFAULT_FILE = 'fastify/lib/reply.js';

interface Options {
  readonly file: string;
  readonly runs: string;
  readonly commits: boolean;
  readonly typing: boolean;
}

export async function main(
  argumentsTyped: readonly string[],
  files: { readonly corpus: string; readonly programs: string; readonly dist: string },
): Promise<number> {
  const options = new Command('bench:first')
    .option('--file <path>', 'the document that is open and typed in, below the corpus', DEFAULT_FILE)
    .option('--runs <number>', 'first indexes during which is typed', '2')
    .option('--no-commits', 'leave out the times of commits')
    .option('--no-typing', 'leave out typing')
    .parse([...argumentsTyped], { from: 'user' })
    .opts<Options>();
  const corpus = await prepareCorpus(files.corpus, () => undefined);
  const work = mkdtempSync(join(tmpdir(), 'tributary-first-'));
  const workers = String(Math.max(1, availableParallelism() - 1));
  try {
    if (options.commits) {
      const output = execFileSync(
        process.execPath,
        [join(files.programs, 'commitRun.js'), files.dist, corpus, join(work, 'commits'), workers],
        { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] },
      );
      process.stdout.write(printCommits(JSON.parse(output) as CommitResult));
    }
    for (let run = 0; options.typing && run < Number(options.runs); run++) {
      const storage = mkdtempSync(join(work, 'server-'));
      const typed = await typeDuringFirstIndex(
        join(files.dist, 'server.js'),
        corpus,
        storage,
        join(corpus, options.file),
      );
      process.stdout.write(printTyping(relative(corpus, join(corpus, options.file)), typed));
    }
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function printCommits({ commits, stages, milliseconds }: CommitResult): string {
  const lines = [`${String(commits.length)} commits in ${milliseconds.toFixed(0)} ms`];
  lines.push(
    Object.entries(stages)
      .map(([id, taken]) => `${id} ${taken.toFixed(0)} ms`)
      .join(', '),
  );
  const size = Math.ceil(commits.length / PARTS);
  for (let from = 0; from < commits.length; from += size) {
    const part = commits.slice(from, from + size);
    const sum = (of: (commit: Commit) => number): number => part.reduce((total, commit) => total + of(commit), 0);
    const perFile = (1000 * sum((commit) => commit.milliseconds)) / sum((commit) => commit.files);
    const longest = Math.max(...part.map((commit) => commit.milliseconds));
    lines.push(
      `commits ${String(from + 1)} to ${String(from + part.length)}: ${perFile.toFixed(0)} µs a file, longest ${longest.toFixed(1)} ms`,
    );
  }
  return `${lines.join('\n')}\n`;
}

interface Typed {
  readonly firstMs: number;
  readonly readyMs: number;
  readonly latencies: readonly number[];
}

function printTyping(file: string, { firstMs, readyMs, latencies }: Typed): string {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  return `typing in ${file} during a first index: first diagnostics ${ms(firstMs)}, index ready ${ms(readyMs)}, ${String(latencies.length)} edits, p50 ${ms(percentile(latencies, 0.5))}, p95 ${ms(percentile(latencies, 0.95))}, worst ${ms(Math.max(...latencies))}\n`;
}

/** Opens the document at once and types until the index is complete. Times are from the start of the process, and from `didChange` to diagnostics. */
async function typeDuringFirstIndex(server: string, corpus: string, storage: string, file: string): Promise<Typed> {
  const edits = editsFor(readFileSync(file, 'utf8'), 2000);
  const client = new BenchClient(server);
  const uri = pathToFileURL(file).href;
  const sentAt = new Map<number, number>();
  const latencies: number[] = [];
  let answered = (): void => undefined;
  client.onPublish(({ uri: published, version }) => {
    if (published !== uri || version === undefined) return;
    const now = performance.now();
    for (const [sent, at] of sentAt) {
      if (sent > version) continue;
      latencies.push(now - at);
      sentAt.delete(sent);
      answered();
    }
  });
  const first = client.published(file);
  await client.initialize(corpus, storage);
  await client.open(file);
  await first;
  const firstMs = performance.now() - client.spawnedAt;
  let isReady = false;
  let readyMs = 0;
  const ready = client.complete().then(() => {
    isReady = true;
    readyMs = performance.now() - client.spawnedAt;
  });
  const typeNext = async ({ pause, start, end, text }: Edit, version: number): Promise<void> => {
    await sleep(pause);
    sentAt.set(version, performance.now());
    // A publication for a text that has changed since bears no version: the next key comes when this one is answered.
    const answer = new Promise<void>((resolve) => (answered = resolve));
    await client.change(file, version, start, end, text);
    await answer;
  };
  for (let index = 0; !isReady && index < edits.length; index++) await typeNext(edits[index], index + 2);
  await ready;
  await client.stop();
  return { firstMs, readyMs, latencies };
}
