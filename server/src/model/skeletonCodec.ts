/**
 * The packed form of a skeleton. Numbers are variable-length integers; what grows along a table (nodes, starts) is
 * stored as differences, what may be absent plus one. Damaged data throws `CodecError`.
 */
import { ByteReader, ByteWriter, CodecError, MAX_VARINT, putVarint, putZigzag } from '../base/bytes';
import { parseHex32 } from '../base/hex';
import { RETURN_GROUPS, SkeletonFunctionFlag, TermKind } from './skeletonFacts';
import type { Skeleton, SkeletonImports } from './skeletonFacts';

const VERSION = 3;

const NO_RETURNS: readonly number[] = [];

/** Kept from file to file. */
const out = new ByteWriter(4096);

export function encodeSkeleton(skeleton: Skeleton): Uint8Array {
  out.clear();
  out.byte(VERSION);
  out.byte(skeleton.isEsm ? 1 : 0);
  out.varint(skeleton.exports);
  out.texts(skeleton.strings);
  writeHash(out, skeleton.interfaceHash);
  writeHash(out, skeleton.argumentHash);
  writeReturns(out, skeleton.returns);
  writeTerms(out, skeleton);
  writeStarts(out, skeleton.listStart);
  writeNumbers(out, skeleton.lists);
  writeFunctions(out, skeleton);
  writeStarts(out, skeleton.siteStart);
  writeGrowing(out, skeleton.siteNode);
  writeRow(out, skeleton.siteCallee);
  writeRow(out, skeleton.siteFlags);
  writeRow(out, skeleton.siteOrdinal);
  writeRow(out, skeleton.siteCount);
  writeRow(out, skeleton.siteArguments);
  writeStarts(out, skeleton.nodeStart);
  writeNodes(out, skeleton);
  writeStarts(out, skeleton.storeStart);
  writeGrowing(out, skeleton.storeNode);
  writeRow(out, skeleton.storeBase);
  writeRow(out, skeleton.storeName);
  writeRow(out, skeleton.storeValue);
  writeNumbers(out, skeleton.objectFunction);
  writeRow(out, skeleton.objectOrdinal);
  writeRow(out, skeleton.objectFlags);
  writeNumbers(out, skeleton.className);
  writeRow(out, skeleton.classFunction);
  writeRow(out, skeleton.classConstructor);
  writeRow(out, skeleton.classSuper);
  writeRow(out, skeleton.classOrdinal);
  writeStarts(out, skeleton.memberStart);
  writeRow(out, skeleton.memberName);
  writeRow(out, skeleton.memberFunction);
  out.bytes(skeleton.memberIsStatic);
  writeNumbers(out, skeleton.importSpecifier);
  out.bytes(skeleton.importKind);
  return out.toBytes();
}

/** Throws `CodecError` when the data is damaged or of another version. */
export function decodeSkeleton(data: Uint8Array): Skeleton {
  const reader = readerOf(data);
  const isEsm = reader.byte() === 1;
  const exports = reader.varint();
  const strings = reader.texts();
  const interfaceHash = readHash(reader);
  const argumentHash = readHash(reader);
  const returns = readReturns(reader);
  const terms = readTerms(reader);
  const listStart = readStarts(reader);
  const lists = readNumbers(reader);
  const functions = readFunctions(reader);
  const siteStart = readStarts(reader);
  const siteNode = readGrowing(reader);
  const sites = siteNode.length;
  const siteCallee = readRow(reader, sites);
  const siteFlags = readRow(reader, sites);
  const siteOrdinal = readRow(reader, sites);
  const siteCount = readRow(reader, sites);
  const siteArguments = readRow(reader, sites);
  const nodeStart = readStarts(reader);
  const nodes = readNodes(reader);
  const storeStart = readStarts(reader);
  const storeNode = readGrowing(reader);
  const stores = storeNode.length;
  const storeBase = readRow(reader, stores);
  const storeName = readRow(reader, stores);
  const storeValue = readRow(reader, stores);
  const objectFunction = readNumbers(reader);
  const objectOrdinal = readRow(reader, objectFunction.length);
  const objectFlags = readRow(reader, objectFunction.length);
  const className = readNumbers(reader);
  const classFunction = readRow(reader, className.length);
  const classConstructor = readRow(reader, className.length);
  const classSuper = readRow(reader, className.length);
  const classOrdinal = readRow(reader, className.length);
  const memberStart = readStarts(reader);
  const members = memberStart[memberStart.length - 1];
  const memberName = readRow(reader, members);
  const memberFunction = readRow(reader, members);
  const memberIsStatic = reader.bytes(members).slice();
  const importSpecifier = readNumbers(reader);
  const importKind = reader.bytes(importSpecifier.length).slice();
  reader.end();
  return {
    strings,
    isEsm,
    exports,
    ...terms,
    listStart,
    lists,
    ...functions,
    siteStart,
    siteNode,
    siteCallee,
    siteFlags,
    siteOrdinal,
    siteCount,
    siteArguments,
    nodeStart,
    ...nodes,
    storeStart,
    storeNode,
    storeBase,
    storeName,
    storeValue,
    objectFunction,
    objectOrdinal,
    objectFlags,
    className,
    classFunction,
    classConstructor,
    classSuper,
    classOrdinal,
    memberStart,
    memberName,
    memberFunction,
    memberIsStatic,
    importSpecifier,
    importKind,
    interfaceHash,
    argumentHash,
    returns,
  };
}

function readerOf(data: Uint8Array): ByteReader {
  const reader = new ByteReader(data);
  const version = reader.byte();
  if (version !== VERSION)
    throw new CodecError(`a packed skeleton has version ${String(version)}, not ${String(VERSION)}`);
  return reader;
}

/** Of a packed skeleton only what it imports and what tells its content, without unpacking the rest. Throws `CodecError` as `decodeSkeleton` does. */
export function decodeImports(data: Uint8Array): SkeletonImports {
  const reader = readerOf(data);
  reader.byte();
  reader.varint();
  const { all, ends } = reader.joinedTexts();
  const interfaceHash = readHash(reader);
  const argumentHash = readHash(reader);
  const returns = readReturns(reader);
  for (let terms = reader.count(); terms > 0; terms--) if (HAS_B[reader.varint() & 31] === 1) reader.skip(1);
  reader.skip(reader.count()); // Starts of lists
  reader.skip(reader.count()); // Lists
  reader.skip(reader.count(5) * 5); // Functions
  reader.skip(reader.count()); // Starts of sites
  reader.skip(reader.count() * 6); // Sites
  reader.skip(reader.count()); // Starts of nodes
  reader.skip(reader.count() * 2); // Nodes
  reader.skip(reader.count()); // Starts of writes
  reader.skip(reader.count() * 4); // Writes
  reader.skip(reader.count() * 3); // Objects
  reader.skip(reader.count() * 5); // Classes
  let members = 0;
  for (let classes = reader.count(); classes > 0; classes--) members += reader.varint();
  reader.skip(members * 2);
  reader.bytes(members);
  const importSpecifier = readNumbers(reader);
  const importKind = reader.bytes(importSpecifier.length).slice();
  reader.end();
  const specifiers = Array.from(importSpecifier, (text) => all.slice(text === 0 ? 0 : ends[text - 1], ends[text]));
  return { specifiers, importKind, interfaceHash, argumentHash, returns };
}

type Terms = Pick<Skeleton, 'termKind' | 'termA' | 'termB'>;

/** Kinds whose terms have a second number. */
const HAS_B = new Uint8Array(32);
for (const kind of [TermKind.Param, TermKind.RestParam, TermKind.Member, TermKind.Typed]) HAS_B[kind] = 1;

/** Kinds whose first number is a term, mostly one just before. */
const IS_NESTED = new Uint8Array(32);
for (const kind of [TermKind.Member, TermKind.Element, TermKind.Typed, TermKind.Await]) IS_NESTED[kind] = 1;

function writeTerms(out: ByteWriter, { termKind, termA, termB }: Terms): void {
  const buffer = out.reserve((1 + 2 * termKind.length) * MAX_VARINT);
  let at = putVarint(buffer, out.position, termKind.length);
  for (let t = 0; t < termKind.length; t++) {
    const kind = termKind[t];
    const a = IS_NESTED[kind] === 1 ? t - termA[t] : termA[t];
    // A loop may make a term of one that comes later.
    at = putVarint(buffer, at, (a < 0 ? -a * 2 + 1 : a * 2) * 32 + kind);
    if (HAS_B[kind] === 1) at = putZigzag(buffer, at, termB[t]);
  }
  out.advance(at);
}

function readTerms(reader: ByteReader): Terms {
  const count = reader.count();
  const termKind = new Uint8Array(count);
  const termA = new Int32Array(count);
  const termB = new Int32Array(count);
  for (let t = 0; t < count; t++) {
    const packed = reader.varint();
    const kind = packed & 31;
    const signed = packed >>> 5;
    const a = (signed & 1) === 1 ? -(signed >>> 1) : signed >>> 1;
    termKind[t] = kind;
    termA[t] = IS_NESTED[kind] === 1 ? t - a : a;
    if (HAS_B[kind] === 1) termB[t] = reader.zigzag();
  }
  return { termKind, termA, termB };
}

type Functions = Pick<
  Skeleton,
  'functionKeyHash' | 'functionFlags' | 'functionClass' | 'functionParameters' | 'functionReturn'
>;

function writeFunctions(out: ByteWriter, functions: Functions): void {
  const { functionKeyHash, functionFlags, functionClass, functionParameters, functionReturn } = functions;
  const buffer = out.reserve((1 + 5 * functionKeyHash.length) * MAX_VARINT);
  let at = putVarint(buffer, out.position, functionKeyHash.length);
  for (let f = 0; f < functionKeyHash.length; f++) {
    at = putVarint(buffer, at, functionKeyHash[f]);
    const flags = functionFlags[f];
    const isHidden = (flags & SkeletonFunctionFlag.ArgumentOnly) !== 0;
    at = putVarint(buffer, at, (flags & ~SkeletonFunctionFlag.ArgumentOnly) * 2 + (isHidden ? 1 : 0));
    at = putVarint(buffer, at, functionClass[f] + 1);
    at = putVarint(buffer, at, functionParameters[f]);
    at = putVarint(buffer, at, functionReturn[f]);
  }
  out.advance(at);
}

function readFunctions(reader: ByteReader): Functions {
  const count = reader.count(5);
  const functionKeyHash = new Uint32Array(count);
  const functionFlags = new Int32Array(count);
  const functionClass = new Int32Array(count);
  const functionParameters = new Int32Array(count);
  const functionReturn = new Int32Array(count);
  for (let f = 0; f < count; f++) {
    functionKeyHash[f] = reader.varint();
    const flags = reader.varint();
    functionFlags[f] = (flags >>> 1) | ((flags & 1) === 1 ? SkeletonFunctionFlag.ArgumentOnly : 0);
    functionClass[f] = reader.varint() - 1;
    functionParameters[f] = reader.varint();
    functionReturn[f] = reader.varint();
  }
  return { functionKeyHash, functionFlags, functionClass, functionParameters, functionReturn };
}

type Nodes = Pick<Skeleton, 'nodeId' | 'nodeTerm' | 'nodeFlags'>;

function writeNodes(out: ByteWriter, { nodeId, nodeTerm, nodeFlags }: Nodes): void {
  writeGrowing(out, nodeId);
  const buffer = out.reserve(nodeTerm.length * MAX_VARINT);
  let at = out.position;
  for (let n = 0; n < nodeTerm.length; n++) at = putVarint(buffer, at, nodeTerm[n] * 4 + nodeFlags[n]);
  out.advance(at);
}

function readNodes(reader: ByteReader): Nodes {
  const nodeId = readGrowing(reader);
  const nodeTerm = new Int32Array(nodeId.length);
  const nodeFlags = new Uint8Array(nodeId.length);
  for (let n = 0; n < nodeId.length; n++) {
    const packed = reader.varint();
    nodeTerm[n] = packed >>> 2;
    nodeFlags[n] = packed & 3;
  }
  return { nodeId, nodeTerm, nodeFlags };
}

/** `starts[0]` is 0; the sizes of the parts are stored. */
function writeStarts(out: ByteWriter, starts: Uint32Array): void {
  const buffer = out.reserve(starts.length * MAX_VARINT);
  let at = putVarint(buffer, out.position, starts.length - 1);
  for (let i = 1; i < starts.length; i++) at = putVarint(buffer, at, starts[i] - starts[i - 1]);
  out.advance(at);
}

function readStarts(reader: ByteReader): Uint32Array {
  const result = new Uint32Array(reader.count() + 1);
  for (let i = 1; i < result.length; i++) result[i] = result[i - 1] + reader.varint();
  return result;
}

function writeNumbers(out: ByteWriter, values: Int32Array): void {
  out.varint(values.length);
  writeRow(out, values);
}

function readNumbers(reader: ByteReader): Int32Array {
  return readRow(reader, reader.count());
}

/** Small numbers from -2 up. */
function writeRow(out: ByteWriter, values: Int32Array): void {
  const buffer = out.reserve(values.length * MAX_VARINT);
  let at = out.position;
  for (let i = 0; i < values.length; i++) at = putVarint(buffer, at, values[i] + 2);
  out.advance(at);
}

function readRow(reader: ByteReader, count: number): Int32Array {
  if (count > reader.remaining) throw new CodecError('a count is larger than the data');
  const result = new Int32Array(count);
  for (let i = 0; i < count; i++) result[i] = reader.varint() - 2;
  return result;
}

function writeGrowing(out: ByteWriter, values: Int32Array): void {
  const buffer = out.reserve((1 + values.length) * MAX_VARINT);
  let at = putVarint(buffer, out.position, values.length);
  let previous = 0;
  for (let i = 0; i < values.length; i++) {
    at = putZigzag(buffer, at, values[i] - previous);
    previous = values[i];
  }
  out.advance(at);
}

function readGrowing(reader: ByteReader): Int32Array {
  const result = new Int32Array(reader.count());
  let previous = 0;
  for (let i = 0; i < result.length; i++) {
    previous += reader.zigzag();
    result[i] = previous;
  }
  return result;
}

/** 16 hex digits in 8 bytes. */
function writeHash(out: ByteWriter, hash: string): void {
  for (let from = 0; from < 16; from += 8) {
    const half = parseHex32(hash, from);
    out.byte(half >>> 24);
    out.byte((half >>> 16) & 255);
    out.byte((half >>> 8) & 255);
    out.byte(half & 255);
  }
}

function readHash(reader: ByteReader): string {
  return Buffer.from(reader.bytes(8)).toString('hex');
}

/** Which groups return anything, and the numbers of these. */
function writeReturns(out: ByteWriter, returns: readonly number[]): void {
  let groups = 0;
  for (let group = 0; group < returns.length; group++) if (returns[group] !== 0) groups |= 1 << group;
  out.varint(groups);
  for (const content of returns) if (content !== 0) out.safeInteger(content);
}

function readReturns(reader: ByteReader): readonly number[] {
  const groups = reader.varint();
  if (groups >= 1 << RETURN_GROUPS) throw new CodecError('a skeleton tells of returns of impossible functions');
  if (groups === 0) return NO_RETURNS;
  return Array.from({ length: RETURN_GROUPS }, (_, group) =>
    ((groups >> group) & 1) === 1 ? reader.safeInteger() : 0,
  );
}
