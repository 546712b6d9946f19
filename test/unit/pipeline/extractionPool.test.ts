import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ExtractionError } from '../../../server/src/pipeline/extraction';
import type { ExtractionRequest, ExtractionResult } from '../../../server/src/pipeline/extraction';
import { splitIntoBatches } from '../../../server/src/pipeline/extractionBatches';
import { ExtractionPool } from '../../../server/src/pipeline/extractionPool';

let folder: string;
let workerFile: string;
let pool: ExtractionPool | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-pool-'));
  workerFile = join(folder, 'worker.js');
  await build({
    entryPoints: [join(import.meta.dirname, 'fakeExtractWorker.ts')],
    outfile: workerFile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'silent',
  });
});
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(
  options: { size?: number; fileTimeoutMs?: number; memoryLimitMb?: number; workerFile?: string } = {},
): ExtractionPool {
  pool = new ExtractionPool({ workerFile, size: 2, ...options });
  return pool;
}

function requestsFor(paths: readonly string[]): ExtractionRequest[] {
  return paths.map((path, id) => ({ id, path, dialect: 'js', size: 100 }));
}

async function collect(results: AsyncIterable<readonly ExtractionResult[]>): Promise<Map<number, ExtractionResult>> {
  const byId = new Map<number, ExtractionResult>();
  for await (const batch of results) {
    for (const result of batch) {
      expect(byId.has(result.id)).toBe(false);
      byId.set(result.id, result);
    }
  }
  return byId;
}

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `file${String(i)}.js`);
const reasonOf = (result: ExtractionResult | undefined): string =>
  result?.state === 'failed' ? result.reason : `not failed: ${result?.state ?? 'no result'}`;

describe('extraction pool', () => {
  it('answers every request exactly once, with buffers that arrive whole', async () => {
    const paths = [...names(500), 'missing.js'];
    const results = await collect(open().extract(requestsFor(paths)));
    expect(results.size).toBe(paths.length);
    expect(results.get(500)).toEqual({ id: 500, state: 'missing' });
    for (let id = 0; id < 500; id++) {
      const result = results.get(id);
      expect(result?.state === 'extracted' ? new TextDecoder().decode(result.facts.graph) : '').toBe(paths[id]);
    }
  });

  it('keeps the order of the requests, whoever is quicker', async () => {
    const paths = [...names(300), `crash-once:${join(folder, 'order')}`, ...names(300)];
    const order: number[] = [];
    for await (const batch of open().extract(requestsFor(paths))) for (const { id } of batch) order.push(id);
    expect(order).toEqual(paths.map((_, id) => id));
  });

  it('does nothing for no files', async () => {
    expect((await collect(open().extract([]))).size).toBe(0);
  });

  it('fails only the file a worker hangs on', async () => {
    const paths = [...names(20), 'hang', ...names(20)];
    const results = await collect(open({ fileTimeoutMs: 500 }).extract(requestsFor(paths)));
    expect(results.size).toBe(paths.length);
    expect(reasonOf(results.get(20))).toBe('the analysis of this file took longer than 0.5 s');
    expect([...results.values()].filter((result) => result.state === 'extracted')).toHaveLength(40);
  });

  it('fails only the file a worker dies of', async () => {
    const paths = [...names(10), 'crash', ...names(10), 'crash'];
    const results = await collect(open().extract(requestsFor(paths)));
    expect(reasonOf(results.get(10))).toMatch(/^the analysis of this file crashed/);
    expect(reasonOf(results.get(21))).toMatch(/^the analysis of this file crashed/);
    expect([...results.values()].filter((result) => result.state === 'extracted')).toHaveLength(20);
  });

  it('fails only the file a worker runs out of memory on', async () => {
    const results = await collect(open({ memoryLimitMb: 32 }).extract(requestsFor(['a', 'exhaust', 'b'])));
    expect(reasonOf(results.get(1))).toBe('the analysis of this file ran out of memory (the limit is 32 MB)');
    expect(results.get(0)?.state).toBe('extracted');
    expect(results.get(2)?.state).toBe('extracted');
  });

  it('tries a file again on which a worker died once', async () => {
    const path = `crash-once:${join(folder, 'mark')}`;
    const results = await collect(open().extract(requestsFor(['a', path, 'b'])));
    expect([...results.values()].map((result) => result.state)).toEqual(['extracted', 'extracted', 'extracted']);
  });

  it('says so when no worker can be started', async () => {
    const broken = join(folder, 'broken.js');
    writeFileSync(broken, 'throw new Error("bad installation");');
    const results = collect(open({ workerFile: broken }).extract(requestsFor(['a'])));
    await expect(results).rejects.toThrow(ExtractionError);
    await expect(collect(open({ workerFile: broken }).extract(requestsFor(['a'])))).rejects.toThrow(/bad installation/);
  });

  it('does not count the time in which a worker starts', async () => {
    const slow = join(folder, 'slow.js');
    writeFileSync(slow, `const end = Date.now() + 1200; while (Date.now() < end); require('./worker.js');`);
    const results = await collect(open({ workerFile: slow, fileTimeoutMs: 300 }).extract(requestsFor(['a', 'b'])));
    expect([...results.values()].map((result) => result.state)).toEqual(['extracted', 'extracted']);
  });

  it('goes only a few batches ahead of its reader', async () => {
    const requests = requestsFor(names(5000)).map((request) => ({ ...request, size: 1 << 20 }));
    const paths = new Set<number>();
    const observed = requests.map((request) =>
      Object.defineProperty({ ...request }, 'dialect', {
        enumerable: true,
        get: () => {
          paths.add(request.id);
          return 'js';
        },
      }),
    );
    const reader = open().extract(observed);
    await reader.next();
    expect(paths.size).toBeGreaterThan(0);
    expect(paths.size).toBeLessThanOrEqual(10);
    await reader.return(undefined);
  });

  it('stops handing out files when cancelled', async () => {
    const token = { isCancelled: false };
    const requests = requestsFor(names(2000)).map((request) => ({ ...request, size: 1 << 20 }));
    let seen = 0;
    for await (const batch of open().extract(requests, { token })) {
      seen += batch.length;
      token.isCancelled = true;
    }
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(20);
  });

  it('does not wait for a hanging file when cancelled', async () => {
    const token = { isCancelled: false };
    const results = collect(open().extract(requestsFor(['hang']), { token }));
    token.isCancelled = true;
    expect((await results).size).toBe(0);
  });

  it('puts urgent work ahead and keeps calls apart', async () => {
    const extractor = open({ size: 1 });
    const order: string[] = [];
    const slow = requestsFor(names(200)).map((request) => ({ ...request, size: 1 << 20 }));
    const first = (async () => {
      for await (const batch of extractor.extract(slow)) order.push(...batch.map(() => 'slow'));
    })();
    const urgent = collect(extractor.extract(requestsFor(['now.js']), { urgent: true })).then((results) => {
      order.push('urgent');
      return results;
    });
    expect((await urgent).get(0)?.state).toBe('extracted');
    await first;
    expect(order.filter((entry) => entry === 'slow')).toHaveLength(200);
    expect(order.indexOf('urgent')).toBeLessThan(20);
  });

  it('ends waiting calls when it is closed', async () => {
    const extractor = open();
    const results = collect(extractor.extract(requestsFor(['hang'])));
    const outcome = expect(results).rejects.toThrow(/stopped/);
    await extractor.close();
    await outcome;
  });
});

describe('batches', () => {
  it('keep order, hold everything once, and are bounded', () => {
    const requests = requestsFor(names(1000)).map((request, i) => ({ ...request, size: i === 500 ? 5_000_000 : 3000 }));
    const batches = splitIntoBatches(requests, 2);
    expect(batches.flat()).toEqual(requests);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(128);
      const bytes = batch.reduce((sum, request) => sum + request.size, 0);
      expect(batch.length === 1 || bytes <= 1 << 20).toBe(true);
    }
  });

  it('share a small job between the workers', () => {
    expect(
      splitIntoBatches(
        requestsFor(names(40)).map((request) => ({ ...request, size: 20_000 })),
        4,
      ).length,
    ).toBeGreaterThan(8);
  });
});
