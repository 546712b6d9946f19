/**
 * A worker for the tests of the extraction pool: speaks the real protocol, but a file's name says what happens to it.
 * `hang`, `crash`, `exhaust` do it; `crash-once:FILE` crashes when FILE doesn't exist yet, and makes it; anything
 * else is "extracted" to its own name.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ExtractionRequest, ExtractionResult } from '../../../server/src/pipeline/extraction';
import { serveExtraction } from '../../../server/src/pipeline/extractionMessages';
import type { ExtractionWorkerData } from '../../../server/src/pipeline/extractionMessages';

function extract({ id, path }: ExtractionRequest): ExtractionResult {
  if (path === 'hang') for (;;);
  if (path === 'crash') process.exit(7);
  if (path === 'exhaust') {
    const kept: string[][] = [];
    for (let i = 0; ; i++) kept.push(Array.from({ length: 1000 }, (_, n) => `${String(i)}.${String(n)}`));
  }
  if (path.startsWith('crash-once:')) {
    const mark = path.slice('crash-once:'.length);
    if (!existsSync(mark)) {
      writeFileSync(mark, '');
      throw new Error('only once');
    }
  }
  if (path.startsWith('missing')) return { id, state: 'missing' };
  const bytes = new TextEncoder().encode(path).slice();
  return {
    id,
    state: 'extracted',
    contentHash: path,
    size: bytes.length,
    mtimeMs: 0,
    facts: {
      graph: bytes,
      skeleton: new Uint8Array(1),
      symbols: '[]',
      callNames: '[]',
      nameCount: 0,
      functionCount: 1,
      truncatedFunctions: 0,
      lost: [],
      limits: [],
    },
    times: { readMs: 0, parseMs: 0, extractMs: 0 },
  };
}

if (parentPort) serveExtraction(parentPort, workerData as ExtractionWorkerData, extract);
