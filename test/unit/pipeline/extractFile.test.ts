import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileGraph } from '../../../server/src/model/graph';
import { flatten } from '../../../server/src/model/flatGraph';
import { decodeGraph } from '../../../server/src/model/graphCodec';
import { decodeSkeleton } from '../../../server/src/model/skeletonCodec';
import type { ExtractGraph, ExtractionRequest } from '../../../server/src/pipeline/extraction';
import { fileExtractor } from '../../../server/src/pipeline/extractFile';
import { InlineExtractor } from '../../../server/src/pipeline/inlineExtractor';
import { readRequest } from '../../../server/src/pipeline/readRequest';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'tributary-extract-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A graph with one empty function; texts that begin with `!` crash, `?` loses its second line. */
const extractGraph: ExtractGraph = (text, dialect) => {
  if (text.startsWith('!')) throw new Error('cannot do it');
  const lineStarts = [0];
  for (let i = 0; i < text.length; i++) if (text[i] === '\n') lineStarts.push(i + 1);
  const graph: FileGraph = {
    dialect,
    strings: ['name'],
    functions: [
      {
        key: 'module',
        name: 0,
        flags: 256,
        parent: -1,
        classIndex: -1,
        parameters: [],
        cells: [],
        captures: [],
        guards: [],
        op: new Uint8Array(),
        aux: new Int32Array(),
        operandStart: new Uint32Array(1),
        operands: new Int32Array(),
        start: new Uint32Array(),
        end: new Uint32Array(),
        range: [0, text.length],
        nameRange: [0, 0],
        structureHash: '0123456789abcdef',
      },
    ],
    classes: [],
    imports: [],
    decorators: [],
    isEsm: false,
    lineStarts: Uint32Array.from(lineStarts),
    lost: text.startsWith('?') ? [[lineStarts[1] + 2, lineStarts[2]]] : [],
    limits: [],
  };
  return { graph: flatten(graph), parseMs: 1, extractMs: 2 };
};

const extract = fileExtractor(readRequest, extractGraph);

function request(
  name: string,
  content?: string | Uint8Array,
  more: Partial<ExtractionRequest> = {},
): ExtractionRequest {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  return { id: 7, path, dialect: 'js', size: 0, ...more };
}

describe('extraction of a file', () => {
  it('gives packed facts that own their memory', () => {
    const result = extract(request('a.js', 'a;\nb;\n'));
    if (result.state !== 'extracted') throw new Error(`state is ${result.state}`);
    expect(result).toMatchObject({ id: 7, size: 6 });
    expect(result.contentHash).toMatch(/^[0-9a-f]{64}$/);
    const { graph, skeleton } = result.facts;
    expect(decodeGraph(graph).functions.map(({ key }) => key)).toEqual(['module']);
    expect(decodeSkeleton(skeleton).functionKeyHash).toHaveLength(1);
    for (const bytes of [graph, skeleton]) expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
    expect(result.facts).toMatchObject({ functionCount: 1, truncatedFunctions: 0, lost: [] });
  });

  it('takes the text of an open document instead of the file', () => {
    const onDisk = extract(request('b.js', 'on disk'));
    const open = extract(request('b.js', undefined, { text: 'in the editor' }));
    const same = extract(request('b.js', undefined, { text: 'on disk' }));
    expect([onDisk.state, open.state]).toEqual(['extracted', 'extracted']);
    if (onDisk.state !== 'extracted' || open.state !== 'extracted' || same.state !== 'extracted') return;
    expect(open.contentHash).not.toBe(onDisk.contentHash);
    expect(same.contentHash).toBe(onDisk.contentHash);
    expect(open.mtimeMs).toBe(0);
  });

  it('parses nothing when the content is known', () => {
    const first = extract(request('c.js', '?\nab\n'));
    if (first.state !== 'extracted') throw new Error(`state is ${first.state}`);
    const again = extract(request('c.js', undefined, { knownHashes: [first.contentHash] }));
    expect(again).toMatchObject({ state: 'unchanged', contentHash: first.contentHash });
  });

  it('tells lost parts as lines and columns', () => {
    const result = extract(request('d.js', '?\nabc\ndef\n'));
    expect(result).toMatchObject({
      state: 'extracted',
      facts: { lost: [{ start: { line: 1, character: 2 }, end: { line: 2, character: 0 } }] },
    });
  });

  it('turns whatever goes wrong into the result of that file', () => {
    expect(extract(request('e.js', '!'))).toEqual({
      id: 7,
      state: 'failed',
      reason: 'the analysis of this file failed: cannot do it',
    });
    expect(extract(request('nowhere.js'))).toEqual({ id: 7, state: 'missing' });
    expect(extract({ ...request('.'), path: folder })).toMatchObject({ state: 'failed' });
    expect(extract(request('f.js', new Uint8Array([1, 0, 2])))).toMatchObject({ state: 'skipped' });
  });
});

describe('inline extractor', () => {
  const requests = Array.from({ length: 30 }, (_, id): ExtractionRequest => ({
    id,
    path: 'x.js',
    dialect: 'js',
    size: 1,
    text: `v${String(id)}`,
  }));

  it('answers everything, in batches', async () => {
    const ids: number[] = [];
    for await (const batch of new InlineExtractor(extract).extract(requests)) ids.push(...batch.map(({ id }) => id));
    expect(ids).toEqual(requests.map(({ id }) => id));
  });

  it('stops between batches when cancelled', async () => {
    const token = { isCancelled: false };
    let seen = 0;
    for await (const batch of new InlineExtractor(extract).extract(requests, { token })) {
      seen += batch.length;
      token.isCancelled = true;
    }
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(requests.length);
  });
});
