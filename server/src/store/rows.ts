/**
 * The rows of the index as the other layers see them. Plain data; hashes are hex text here and bytes in the database.
 */
import type { Range, FileState } from '../model/finding';
import type { Dialect } from '../model/graph';
import type { FileId } from '../model/ids';

declare const factsIdBrand: unique symbol;
/** Identity of the facts of one text; several files may share them. Never reused. */
export type FactsId = number & { readonly [factsIdBrand]: true };

/** A file as it is written. */
export interface FileRecord {
  /** Absolute path of the workspace folder. */
  readonly root: string;
  /** Path below the root, with `/`. */
  readonly path: string;
  /** SHA-256 of the content, 64 hex digits; empty when the file was not read. */
  readonly hash: string;
  /** Milliseconds since 1970, and bytes: a shortcut to skip hashing. */
  readonly mtime: number;
  readonly size: number;
  readonly dialect: Dialect;
  readonly state: FileState;
  readonly reason: string;
  readonly lost: readonly Range[];
  readonly limits: readonly string[];
  /** Undefined for files without facts (failed, skipped). */
  readonly facts: FactsId | undefined;
}

export interface FileRow extends FileRecord {
  readonly id: FileId;
}

/** What comparing with the disk needs of a file. */
export interface ManifestRow {
  readonly id: FileId;
  readonly root: string;
  readonly path: string;
  readonly hash: string;
  readonly mtime: number;
  readonly size: number;
  readonly dialect: Dialect;
  readonly state: FileState;
  readonly reason: string;
}

/** A name that a text declares (`kind` function, class, method, …) or exports (`export`). */
export interface SymbolRecord {
  readonly name: string;
  readonly kind: string;
  /** Key hash of the function it stands for (`model/ids`), or -1. */
  readonly functionKey: number;
}

/** What extraction made of one text. Found again by hash, dialect and extractor version. */
export interface FactsRecord {
  readonly hash: string;
  readonly dialect: Dialect;
  readonly extractor: string;
  /** Packed by `model/graphCodec`. */
  readonly graph: Uint8Array;
  readonly skeleton: Uint8Array;
  /** JSON, ready for the database: an array with `[name, kind, functionKey]` for each `SymbolRecord`. */
  readonly symbols: string;
  /** JSON of an array: names by which the text calls something, without duplicates. */
  readonly callNames: string;
  /** How many the two are together. */
  readonly nameCount: number;
}

export interface SymbolRow extends SymbolRecord {
  readonly file: FileId;
}

export type FileChange = 'new' | 'modified' | 'removed';

/** A file whose links, summaries and findings are not up to date. */
export interface PendingRow {
  readonly file: FileId;
  readonly change: FileChange;
  readonly root: string;
  readonly path: string;
}

export interface ImportRow {
  readonly specifier: string;
  readonly kind: 'import' | 'require';
  /** Undefined when nothing was found, or a package without source. */
  readonly target: FileId | undefined;
}

/** Packed results of one file (links or summaries) and what they depend on. */
export interface DerivedRow {
  readonly data: Uint8Array;
  /** Hash of the results in stable terms. */
  readonly hash: string;
  /** What they were computed from, packed by the stage that made them. */
  readonly deps: Uint8Array;
}

export interface DerivedRecord extends DerivedRow {
  /** Other files whose change may change these results. */
  readonly dependsOn: Iterable<FileId>;
}

export interface FindingRecord {
  readonly rule: string;
  readonly fingerprint: string;
  readonly sourceFile: FileId;
  readonly sinkFile: FileId;
  /** All files its source, sink and paths are in. */
  readonly files: Iterable<FileId>;
  readonly data: Uint8Array;
}

export interface FindingRow {
  /** The file in which source and sink were joined. */
  readonly file: FileId;
  readonly rule: string;
  readonly fingerprint: string;
  readonly sourceFile: FileId;
  readonly sinkFile: FileId;
  readonly data: Uint8Array;
}
