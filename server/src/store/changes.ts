/**
 * What one batch changed, as the journal keeps it: files put and removed, and facts that are new. Links, summaries and
 * findings are not in it; they are computed again for the files a replay touches.
 */
import { ByteReader, ByteWriter, CodecError } from '../base/bytes';
import type { FileState, Range } from '../model/finding';
import type { Dialect } from '../model/graph';
import type { FileId } from '../model/ids';
import type { FactsId, FactsRecord, FileRecord } from './rows';

export type Change =
  | { readonly kind: 'facts'; readonly id: FactsId; readonly facts: FactsRecord }
  | { readonly kind: 'file'; readonly id: FileId; readonly file: FileRecord }
  | { readonly kind: 'remove'; readonly id: FileId };

const KINDS = ['facts', 'file', 'remove'] as const;

export function encodeChanges(changes: readonly Change[]): Uint8Array {
  const out = new ByteWriter(sizeOf(changes));
  out.varint(changes.length);
  for (const change of changes) {
    out.byte(KINDS.indexOf(change.kind));
    out.safeInteger(change.id);
    switch (change.kind) {
      case 'facts':
        writeFacts(out, change.facts);
        break;
      case 'file':
        writeFile(out, change.file);
        break;
      case 'remove':
        break;
    }
  }
  return out.view();
}

/** About what the changes come to, so that the writer seldom has to grow. */
function sizeOf(changes: readonly Change[]): number {
  let size = 64;
  for (const change of changes) {
    size += 512;
    if (change.kind === 'facts') size += change.facts.graph.length + change.facts.skeleton.length + 1024;
  }
  return size;
}

/** Throws `CodecError` for bytes that are not changes. */
export function decodeChanges(bytes: Uint8Array): readonly Change[] {
  const reader = new ByteReader(bytes);
  const changes = new Array<Change>(reader.count(2));
  for (let i = 0; i < changes.length; i++) changes[i] = readChange(reader);
  reader.end();
  return changes;
}

function readChange(reader: ByteReader): Change {
  const kind = KINDS[reader.byte()];
  const id = reader.safeInteger();
  switch (kind) {
    case 'facts':
      return { kind, id: id as FactsId, facts: readFacts(reader) };
    case 'file':
      return { kind, id: id as FileId, file: readFile(reader) };
    case 'remove':
      return { kind, id: id as FileId };
    default:
      throw new CodecError('the journal holds an unknown kind of change');
  }
}

function writeFacts(out: ByteWriter, facts: FactsRecord): void {
  out.text(facts.hash);
  out.text(facts.dialect);
  out.text(facts.extractor);
  out.block(facts.graph);
  out.block(facts.skeleton);
  out.text(facts.symbols);
  out.text(facts.callNames);
  out.varint(facts.nameCount);
}

function readFacts(reader: ByteReader): FactsRecord {
  const hash = reader.text();
  const dialect = reader.text() as Dialect;
  const extractor = reader.text();
  const graph = reader.block();
  const skeleton = reader.block();
  const symbols = reader.text();
  const callNames = reader.text();
  return { hash, dialect, extractor, graph, skeleton, symbols, callNames, nameCount: reader.varint() };
}

function writeFile(out: ByteWriter, file: FileRecord): void {
  for (const text of [file.root, file.path, file.hash, file.dialect, file.state, file.reason]) out.text(text);
  // File systems give fractions of a millisecond.
  out.float(file.mtime);
  out.safeInteger(file.size);
  out.safeInteger(file.facts ?? 0);
  out.text(rangesToText(file.lost));
  out.texts(file.limits);
}

function readFile(reader: ByteReader): FileRecord {
  const root = reader.text();
  const path = reader.text();
  const hash = reader.text();
  const dialect = reader.text() as Dialect;
  const state = reader.text() as FileState;
  const reason = reader.text();
  const mtime = reader.float();
  const size = reader.safeInteger();
  const facts = reader.safeInteger();
  const lost = rangesFromText(reader.text());
  const limits = reader.texts();
  return {
    root,
    path,
    hash,
    mtime,
    size,
    dialect,
    state,
    reason,
    lost,
    limits,
    facts: facts === 0 ? undefined : (facts as FactsId),
  };
}

/** `[[line, character, line, character], …]`, the form of the `lost` column. */
export function rangesToText(ranges: readonly Range[]): string {
  if (ranges.length === 0) return '[]';
  return JSON.stringify(ranges.map(({ start, end }) => [start.line, start.character, end.line, end.character]));
}

export function rangesFromText(text: string): readonly Range[] {
  if (text === '[]') return [];
  const rows = JSON.parse(text) as readonly (readonly [number, number, number, number])[];
  return rows.map(([line, character, endLine, endCharacter]) => ({
    start: { line, character },
    end: { line: endLine, character: endCharacter },
  }));
}
