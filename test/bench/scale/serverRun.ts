/**
 * What an editor sees of an index of one size, over LSP: start on the index that is there, keys typed into open files of several sizes and into the
 * file that most others import, and how fast hovers, lenses, the tree and the findings of a group come while all is built anew.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { CodeLensRequest, HoverRequest } from 'vscode-languageserver/node';
import { REQUEST } from '../../../server/src/protocol/messages';
import { percentile } from '../../accuracy/score';
import { BenchClient } from '../client';
import { editsFor } from '../typing';

export interface TypingResult {
  readonly file: string;
  readonly lines: number;
  readonly edits: number;
  readonly changingSummary: number;
  /** Edits for which no diagnostics came within ten seconds. */
  readonly unanswered: number;
  /** From `didChange` to the first diagnostics for that version or a later one, milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Of edits that change a summary: until everything else is up to date. Only where each is waited for. */
  readonly allUpToDate: { readonly p50: number; readonly p95: number } | undefined;
}

export interface ServerResult {
  /** From the start of the process on the persisted index to the first diagnostics of the file that is opened at once. */
  readonly warmFirstMs: readonly number[];
  /** From the first key after a start to its diagnostics: links and summaries of the last process are taken up before. */
  readonly firstEditMs: number | undefined;
  readonly typing: readonly TypingResult[];
  /** Answers during a full rebuild, milliseconds by kind of request. */
  readonly duringRebuild: Readonly<
    Record<string, { readonly count: number; readonly p50: number; readonly p95: number }>
  >;
  readonly peakMemory: number | undefined;
}

export interface ServerOptions {
  readonly dist: string;
  readonly corpus: string;
  /** Folder of the index of the corpus as it is. */
  readonly storage: string;
  /** Absolute paths. */
  readonly files: readonly string[];
  /** The one among them that most others import. */
  readonly hub: string | undefined;
  readonly edits: number;
  readonly warmStarts: number;
  readonly rebuild: boolean;
}

export async function measureServer(options: ServerOptions): Promise<ServerResult> {
  const { dist, corpus, storage, files } = options;
  const server = join(dist, 'server.js');
  const warmFirstMs: number[] = [];
  for (let start = 0; start < options.warmStarts; start++) {
    const client = new BenchClient(server);
    const first = client.published(files[0]);
    await client.initialize(corpus, storage);
    await client.open(files[0]);
    await first;
    warmFirstMs.push(performance.now() - client.spawnedAt);
    await client.ready();
    await client.stop();
  }
  const client = new BenchClient(server);
  await client.initialize(corpus, storage);
  await client.ready();
  const firstEditMs = options.edits === 0 ? undefined : await firstEdit(client, files[0]);
  const typing: TypingResult[] = [];
  for (const file of files) {
    const result = await typeInto(client, file, options.edits, file === options.hub);
    typing.push({ ...result, file: file.slice(corpus.length + 1) });
  }
  const duringRebuild = options.rebuild ? await askDuringRebuild(client, files) : {};
  const peakMemory = client.peakMemory();
  await client.stop();
  return { warmFirstMs, firstEditMs, typing, duringRebuild, peakMemory };
}

async function firstEdit(client: BenchClient, file: string): Promise<number> {
  const start = { line: 0, character: 0 };
  const opened = client.published(file);
  await client.open(file);
  await opened;
  const began = performance.now();
  const published = client.published(file, 2);
  await client.change(file, 2, start, start, '\n');
  await published;
  const result = performance.now() - began;
  await client.close(file);
  await client.ready();
  return result;
}

/** Types at a human pace; with `waits`, what changes a summary is waited for until all is done. */
async function typeInto(client: BenchClient, file: string, count: number, waits: boolean): Promise<TypingResult> {
  const text = readFileSync(file, 'utf8');
  const edits = editsFor(text, count);
  const opened = client.published(file);
  await client.open(file);
  await opened;
  await client.ready();
  const uri = pathToFileURL(file).href;
  const sentAt = new Map<number, number>();
  const latencies = new Map<number, number>();
  const stop = client.onPublish(({ uri: published, version }) => {
    const now = performance.now();
    if (published !== uri || version === undefined) return;
    for (const [sent, at] of sentAt) {
      if (sent > version) continue;
      latencies.set(sent, now - at);
      sentAt.delete(sent);
    }
  });
  const settled: number[] = [];
  for (const [index, edit] of edits.entries()) {
    await sleep(edit.pause);
    const version = index + 2;
    const sent = performance.now();
    sentAt.set(version, sent);
    const published = client.published(file, version);
    await client.change(file, version, edit.start, edit.end, edit.text);
    if (!waits || !edit.changesSummary) {
      published.catch(() => undefined);
      continue;
    }
    await published;
    await client.ready();
    settled.push(performance.now() - sent);
  }
  for (let waited = 0; sentAt.size > 0 && waited < 10_000; waited += 50) await sleep(50);
  stop();
  await client.change(
    file,
    edits.length + 2,
    { line: 0, character: 0 },
    { line: text.split('\n').length + 1000, character: 0 },
    text,
  );
  await client.ready();
  const all = edits.map((_, index) => latencies.get(index + 2) ?? Infinity);
  return {
    file,
    lines: text.split('\n').length,
    edits: edits.length,
    changingSummary: edits.filter(({ changesSummary }) => changesSummary).length,
    unanswered: sentAt.size,
    p50: percentile(all, 0.5),
    p95: percentile(all, 0.95),
    p99: percentile(all, 0.99),
    allUpToDate: settled.length === 0 ? undefined : { p50: percentile(settled, 0.5), p95: percentile(settled, 0.95) },
  };
}

/** Somebody reads code, a few requests a second, while the index is built anew. */
async function askDuringRebuild(client: BenchClient, files: readonly string[]): Promise<ServerResult['duringRebuild']> {
  const times = new Map<string, number[]>();
  const ask = async (kind: string, method: string, params: unknown): Promise<void> => {
    const start = performance.now();
    await client.request(method, params);
    const list = times.get(kind) ?? [];
    times.set(kind, list);
    list.push(performance.now() - start);
  };
  let isRunning = true;
  const rebuild = client.request(REQUEST.rebuildIndex, undefined).finally(() => (isRunning = false));
  for (let turn = 0; isRunning; turn++) {
    const textDocument = { uri: pathToFileURL(files[turn % files.length]).href };
    await ask('hover', HoverRequest.method, { textDocument, position: { line: turn % 100, character: 8 } });
    await ask('lens', CodeLensRequest.method, { textDocument });
    await ask('tree', REQUEST.taintTree, { grouping: 'file' });
    await ask('findings', REQUEST.taintFindings, { grouping: 'none', group: 'all', start: 0 });
    await sleep(100);
  }
  await rebuild;
  return Object.fromEntries(
    Array.from(times, ([kind, list]) => [
      kind,
      { count: list.length, p50: percentile(list, 0.5), p95: percentile(list, 0.95) },
    ]),
  );
}
