/**
 * Flow graphs by function, decoded on demand from packed facts and kept in a cache bounded in bytes: a solve touches
 * each function a few times in a row, and then not again.
 */
import { LRUCache } from 'lru-cache';
import { NONE, type FunctionGraph } from '../model/graph';
import { openGraph, type GraphReader } from '../model/graphCodec';
import { fileOf, functionId, keyHashes, keyHashOf, type FileId, type FunctionId } from '../model/ids';
import type { CodeView } from '../taint/codeView';
import type { FunctionBody } from '../taint/environment';

/** One file's graph, with its functions' ids. */
export interface FileFunctions {
  readonly file: FileId;
  readonly reader: GraphReader;
  readonly ids: readonly FunctionId[];
  graphOf(index: number): FunctionGraph;
  body(index: number): FunctionBody;
  indexOf(id: FunctionId): number | undefined;
}

/** Decoded graphs, with what solving works out of them, take about this many times their packed size. */
const EXPANSION = 18;

export class FunctionBodies {
  private readonly files: LRUCache<FileId, FileFunctions>;

  constructor(
    private readonly packedGraph: (file: FileId) => Uint8Array | undefined,
    maxBytes: number,
  ) {
    this.files = new LRUCache({ maxSize: maxBytes });
  }

  file(file: FileId): FileFunctions | undefined {
    const cached = this.files.get(file);
    if (cached !== undefined) return cached;
    const bytes = this.packedGraph(file);
    if (bytes === undefined) return undefined;
    const functions = new DecodedFile(file, openGraph(bytes));
    this.files.set(file, functions, { size: 1 + bytes.length * EXPANSION });
    return functions;
  }

  body(id: FunctionId): FunctionBody | undefined {
    const file = this.file(fileOf(id));
    const index = file?.indexOf(id);
    return file === undefined || index === undefined ? undefined : file.body(index);
  }

  /** Functions that a function stands in, from the inside out. */
  enclosing(id: FunctionId): readonly FunctionId[] {
    const body = this.body(id);
    const result: FunctionId[] = [];
    for (let parent = body?.graph.parent ?? NONE; body !== undefined && parent !== NONE;) {
      result.push(body.functionIds(parent));
      parent = body.graphOf(parent).parent;
    }
    return result;
  }

  clear(): void {
    this.files.clear();
  }

  /** The facts of the file changed. */
  forget(file: FileId): void {
    this.files.delete(file);
  }
}

class DecodedFile implements FileFunctions {
  readonly ids: readonly FunctionId[];
  private readonly graphs: (FunctionGraph | undefined)[];
  private readonly bodies: (FunctionBody | undefined)[];
  private readonly byHash: ReadonlyMap<number, number>;

  constructor(
    readonly file: FileId,
    readonly reader: GraphReader,
  ) {
    const hashes = keyHashes(reader.keys);
    this.ids = Array.from(hashes, (hash) => functionId(file, hash));
    this.byHash = new Map(Array.from(hashes, (hash, index) => [hash, index]));
    this.graphs = new Array<FunctionGraph | undefined>(reader.functionCount);
    this.bodies = new Array<FunctionBody | undefined>(reader.functionCount);
  }

  body(index: number): FunctionBody {
    return (this.bodies[index] ??= new Body(this, this.ids[index], this.graphOf(index)));
  }

  graphOf(index: number): FunctionGraph {
    return (this.graphs[index] ??= this.reader.function(index));
  }

  indexOf(id: FunctionId): number | undefined {
    return this.byHash.get(keyHashOf(id));
  }
}

class Body implements FunctionBody {
  code: CodeView | undefined = undefined;

  constructor(
    private readonly file: FileFunctions,
    readonly id: FunctionId,
    readonly graph: FunctionGraph,
  ) {}

  get strings(): readonly string[] {
    return this.file.reader.strings;
  }

  functionIds(index: number): FunctionId {
    return this.file.ids[index];
  }

  graphOf(index: number): FunctionGraph {
    return this.file.graphOf(index);
  }
}
