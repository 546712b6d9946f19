/**
 * The editor's view: the real server over standard input and output, a 1,000-line file of the corpus, keys at a human
 * pace. Latency is the time from sending `didChange` until diagnostics for that version or a later one arrive.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { percentile } from '../accuracy/score';
import { BenchClient } from './client';
import { editsFor } from './typing';

/** A first index is saved when nobody types; people stop typing before they close an editor. */
const PAUSE = 8_000;

export interface LatencyResult {
  readonly file: string;
  readonly lines: number;
  readonly edits: number;
  readonly changingSummary: number;
  /** Edits for which no diagnostics came within ten seconds. */
  readonly unanswered: number;
  readonly p50: number;
  readonly p95: number;
  readonly worst: number;
  /** Percentiles over the edits that change a summary only. */
  readonly changing: { readonly p50: number; readonly p95: number };
  /** From the start of the process on an empty index until everything is indexed. */
  readonly coldReadyMs: number;
  readonly peakMemory: number | undefined;
  /** From the start of the process on the persisted index to the first diagnostics of the file that is opened at once. */
  readonly warmFirstMs: readonly number[];
  /** The same from `initialized` on. */
  readonly warmAfterInitializedMs: readonly number[];
  readonly warmReadyMs: readonly number[];
}

export interface LatencyOptions {
  readonly dist: string;
  readonly corpus: string;
  /** Folder of the index, empty at first. */
  readonly storage: string;
  /** Absolute path. */
  readonly file: string;
  readonly edits: number;
  readonly warmStarts: number;
}

export async function measureLatency(options: LatencyOptions): Promise<LatencyResult> {
  const { dist, corpus, storage, file } = options;
  const server = join(dist, 'server.js');
  const text = readFileSync(file, 'utf8');
  const edits = editsFor(text, options.edits);

  const cold = new BenchClient(server);
  await cold.initialize(corpus, storage);
  await cold.ready();
  const coldReadyMs = performance.now() - cold.spawnedAt;
  const opened = cold.published(file);
  await cold.open(file);
  await opened;

  const sentAt = new Map<number, number>();
  const latencies = new Map<number, number>();
  const uri = pathToFileURL(file).href;
  cold.onPublish(({ uri: published, version }) => {
    const now = performance.now();
    if (published !== uri || version === undefined) return;
    for (const [sent, at] of sentAt) {
      if (sent > version) continue;
      latencies.set(sent, now - at);
      sentAt.delete(sent);
    }
  });
  for (const [index, edit] of edits.entries()) {
    await sleep(edit.pause);
    const version = index + 2;
    sentAt.set(version, performance.now());
    await cold.change(file, version, edit.start, edit.end, edit.text);
  }
  for (let waited = 0; sentAt.size > 0 && waited < 10_000; waited += 50) await sleep(50);
  const peakMemory = cold.peakMemory();
  // As after "discard changes" and a look around: the next start finds the file as the index knows it, and an index that was saved.
  const last = edits.length + 2;
  const restored = cold.published(file, last);
  await cold.change(file, last, { line: 0, character: 0 }, { line: text.split('\n').length + 100, character: 0 }, text);
  await restored;
  await sleep(PAUSE);
  await cold.stop();

  const warmFirstMs: number[] = [];
  const warmAfterInitializedMs: number[] = [];
  const warmReadyMs: number[] = [];
  for (let start = 0; start < options.warmStarts; start++) {
    const warm = new BenchClient(server);
    const first = warm.published(file);
    await warm.initialize(corpus, storage);
    const initialized = performance.now();
    await warm.open(file);
    await first;
    const now = performance.now();
    warmFirstMs.push(now - warm.spawnedAt);
    warmAfterInitializedMs.push(now - initialized);
    await warm.ready();
    warmReadyMs.push(performance.now() - warm.spawnedAt);
    await warm.stop();
  }

  const all = edits.map((_, index) => latencies.get(index + 2) ?? Infinity);
  const changing = edits.flatMap((edit, index) => (edit.changesSummary ? [latencies.get(index + 2) ?? Infinity] : []));
  return {
    file,
    lines: text.split('\n').length,
    edits: edits.length,
    changingSummary: changing.length,
    unanswered: sentAt.size,
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    worst: Math.max(0, ...latencies.values()),
    changing: { p50: percentile(changing, 0.5), p95: percentile(changing, 0.95) },
    coldReadyMs,
    peakMemory,
    warmFirstMs,
    warmAfterInitializedMs,
    warmReadyMs,
  };
}
