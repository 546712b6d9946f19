/**
 * The contract of extraction: from a file (or the text of an open document) to its packed facts. Two extractors keep
 * it: `ExtractionPool` (worker threads) and `InlineExtractor` (the calling thread). Results are pure functions of
 * text and dialect, so which worker did a file, and in which order, never shows.
 */
import type { CancellationToken } from '../model/analysis';
import type { Range } from '../model/finding';
import type { FlatGraph } from '../model/flatGraph';
import type { Dialect } from '../model/graph';
import type { FileSymbols } from '../extract/flow/symbols';

export interface ExtractionRequest {
  /** The caller's number for the file; comes back in the result. */
  readonly id: number;
  /** Absolute path. Read by the worker unless `text` is given. */
  readonly path: string;
  readonly dialect: Dialect;
  /** Text of an open document; the disk is not read. */
  readonly text?: string;
  /** Bytes as far as known, for even batches; 0 where unknown. */
  readonly size: number;
  /** Content hashes whose facts the index has: when the content is one of these, nothing is parsed. */
  readonly knownHashes?: readonly string[];
  /** Take the file even if it looks minified or generated. */
  readonly force?: boolean;
}

/** What identifies the text that was read. */
export interface ContentStamp {
  /** SHA-256 of the content (of the UTF-8 form for open documents), hex. */
  readonly contentHash: string;
  /** Bytes. */
  readonly size: number;
  /** 0 for open documents. */
  readonly mtimeMs: number;
}

export interface ExtractedFacts extends FileSymbols {
  /** `encodeGraph`, owning its buffer. */
  readonly graph: Uint8Array;
  /** `encodeSkeleton`, owning its buffer. */
  readonly skeleton: Uint8Array;
  readonly functionCount: number;
  /** Functions of which a part was left out because of a limit. */
  readonly truncatedFunctions: number;
  /** What could not be parsed. */
  readonly lost: readonly Range[];
  /** What was left out because of a limit, one sentence each. */
  readonly limits: readonly string[];
}

export interface ExtractionTimes {
  readonly readMs: number;
  readonly parseMs: number;
  readonly extractMs: number;
}

export type ExtractionResult =
  | (ContentStamp & {
      readonly id: number;
      readonly state: 'extracted';
      readonly facts: ExtractedFacts;
      readonly times: ExtractionTimes;
    })
  /** The content is one of `knownHashes`. */
  | (ContentStamp & { readonly id: number; readonly state: 'unchanged' })
  /** Not worth analysing (binary, too large, minified …); the reason is a sentence. */
  | (ContentStamp & { readonly id: number; readonly state: 'skipped'; readonly reason: string })
  /** There is no such file any more. */
  | { readonly id: number; readonly state: 'missing' }
  /** It cannot be read, or its analysis crashed, hung or ran out of memory. */
  /** `isUnread`: it is the file system that refused, which may end without the file changing. */
  | { readonly id: number; readonly state: 'failed'; readonly reason: string; readonly isUnread?: boolean };

export interface ExtractionOptions {
  /** Polled between batches; files not yet handed out are left out of the results then. */
  readonly token?: CancellationToken;
  /** Goes ahead of what other calls still have waiting. */
  readonly urgent?: boolean;
}

export interface Extractor {
  /** How many files are worked on side by side. */
  readonly parallelism: number;
  /** Starts what takes time to start, without waiting for it. */
  warmUp(): void;
  /** Gives back what takes memory while there is nothing to do; the next call of `extract` takes it again. */
  rest?(): void;
  /**
   * Extracts all requests and yields results in batches; the order is the same whenever the requests are. Work goes
   * only so many batches ahead of the reader. Ending the loop early abandons the rest. Several calls may be under way at once.
   * Throws `ExtractionError` when the extractor itself cannot work; never because of a file.
   */
  extract(
    requests: readonly ExtractionRequest[],
    options?: ExtractionOptions,
  ): AsyncIterable<readonly ExtractionResult[]>;
  close(): Promise<void>;
}

export class ExtractionError extends Error {
  override readonly name = 'ExtractionError';
}

/** How a file's content came out of the disk (or an overlay). */
export type SourceContent =
  /** `notes` say what was repaired while reading, one sentence each. */
  | (ContentStamp & { readonly state: 'text'; readonly text: string; readonly notes: readonly string[] })
  | (ContentStamp & { readonly state: 'unchanged' })
  | (ContentStamp & { readonly state: 'skipped'; readonly reason: string })
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly reason: string };

/** Gets the content of a request. Provided by an entry point, because reading files is not the pipeline's. */
export type ReadSource = (request: ExtractionRequest) => SourceContent;

/** A file's flow graph, which holds until the next one is made, with the time its two parts took, in milliseconds. */
export interface GraphExtraction {
  readonly graph: FlatGraph;
  readonly parseMs: number;
  readonly extractMs: number;
}

/** Text to flow graph, for any dialect. */
export type ExtractGraph = (text: string, dialect: Dialect) => GraphExtraction;
