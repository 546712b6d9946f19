import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError } from '../../../server/src/base/bytes';
import type { FileGraph } from '../../../server/src/model/graph';
import { wholeFunction } from '../../../server/src/model/functionCodec';
import { GRAPH_FORMAT, decodeGraph, encodeGraph, openGraph } from '../../../server/src/model/graphCodec';
import { randomGraph, wildString } from './randomGraph';

const empty: FileGraph = {
  dialect: 'js',
  strings: [],
  functions: [],
  classes: [],
  imports: [],
  decorators: [],
  isEsm: false,
  lineStarts: new Uint32Array([0]),
  lost: [],
  limits: [],
};

describe('graph codec', () => {
  it('gives back exactly the graph it was given', () => {
    fc.assert(
      fc.property(randomGraph, (graph) => {
        expect(decodeGraph(encodeGraph(graph))).toStrictEqual(graph);
      }),
      { numRuns: 300 },
    );
  });

  it('reads one function as it is in the whole', () => {
    fc.assert(
      fc.property(randomGraph, (graph) => {
        const reader = openGraph(encodeGraph(graph));
        expect(reader.functionCount).toBe(graph.functions.length);
        for (let i = graph.functions.length - 1; i >= 0; i--) {
          expect(wholeFunction(reader.function(i))).toStrictEqual(graph.functions[i]);
        }
        expect(reader.keys).toStrictEqual(graph.functions.map((fn) => fn.key));
        expect(reader.imports).toStrictEqual(graph.imports);
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same bytes for the same graph', () => {
    fc.assert(
      fc.property(randomGraph, (graph) => {
        expect(encodeGraph(decodeGraph(encodeGraph(graph)))).toStrictEqual(encodeGraph(graph));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps lone surrogates and emoji apart, also where neighbours would join to a pair', () => {
    const strings = ['\ud83d', '\ude00', '😀', 'plain', '', 'é', '\udc00x'];
    expect(decodeGraph(encodeGraph({ ...empty, strings })).strings).toStrictEqual(strings);
    fc.assert(
      fc.property(fc.array(wildString), (some) => {
        expect(decodeGraph(encodeGraph({ ...empty, strings: some })).strings).toStrictEqual(some);
      }),
    );
  });

  it('works on a view into a larger buffer', () => {
    const bytes = encodeGraph({ ...empty, strings: ['one', 'zwei ü', '\ud800'] });
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(decodeGraph(larger.subarray(3, 3 + bytes.length)).strings).toStrictEqual(['one', 'zwei ü', '\ud800']);
  });

  it('refuses foreign bytes and other versions', () => {
    expect(() => decodeGraph(new Uint8Array())).toThrow(CodecError);
    expect(() => decodeGraph(new TextEncoder().encode('SQLite format 3'))).toThrow(/not a packed flow graph/);
    const other = encodeGraph(empty);
    other[2] = GRAPH_FORMAT + 1;
    expect(() => decodeGraph(other)).toThrow(/format/);
  });

  it('refuses a cut at every byte', () => {
    const [graph] = fc.sample(randomGraph, { numRuns: 1, seed: 7 });
    const bytes = encodeGraph(graph);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeGraph(bytes.subarray(0, length))).toThrow(CodecError);
    }
  });

  it('either decodes damaged bytes to something or throws a CodecError, nothing else', () => {
    fc.assert(
      fc.property(randomGraph, fc.nat(), fc.integer({ min: 1, max: 255 }), (graph, at, flip) => {
        const bytes = encodeGraph(graph);
        bytes[at % bytes.length] ^= flip;
        try {
          decodeGraph(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a function that is not there', () => {
    expect(() => openGraph(encodeGraph(empty)).function(0)).toThrow(CodecError);
  });
});
