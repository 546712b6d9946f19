/**
 * The content of one file: read, hashed and decoded. Stateless, so that extraction workers use it as it is. Offsets
 * everywhere count from the start of the decoded text, which has no byte order mark, as in editors.
 */
import * as crypto from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { decodeText } from '../base/decodeText';
import { explain, isGone } from './errors';

export interface ContentStamp {
  /** SHA-256 of the bytes (of the UTF-8 form for the text of an editor), 64 hex digits. */
  readonly contentHash: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970; 0 for the text of an editor, and for a file that was written just before it was read. */
  readonly mtimeMs: number;
}

export type FileContent =
  /** `notes` say what was repaired on the way, one sentence each. */
  | (ContentStamp & { readonly state: 'text'; readonly text: string; readonly notes: readonly string[] })
  /** The content is one of `knownHashes`. */
  | (ContentStamp & { readonly state: 'unchanged' })
  /** Nothing to analyse in it; the reason is a sentence. */
  | (ContentStamp & { readonly state: 'skipped'; readonly reason: string })
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly reason: string };

export interface ReadOptions {
  /** When the content still has this hash, it is not decoded. */
  readonly knownHashes?: readonly string[] | undefined;
  /** Take the file even if it looks minified. */
  readonly force?: boolean | undefined;
}

/** A file that keeps changing while it is read is taken as it is after so many tries; its next change is seen anyway. */
const TRIES = 3;

/** Reads a file from disk. Never throws. */
export function readContent(path: string, options: ReadOptions = {}): FileContent {
  let raw: RawContent;
  try {
    raw = readStable(path);
  } catch (error) {
    if (isGone(error)) return { state: 'missing' };
    return { state: 'failed', reason: `The file can't be read: ${explain(error)}.` };
  }
  const { bytes } = raw;
  const mtimeMs = tellingTime(raw.mtimeMs);
  const contentHash = hashOfBytes(bytes);
  const size = bytes.length;
  if (options.knownHashes?.includes(contentHash) === true) return { contentHash, size, mtimeMs, state: 'unchanged' };
  const decoded = decodeText(bytes);
  if (decoded === undefined) return { contentHash, size, mtimeMs, state: 'skipped', reason: 'The file is binary.' };
  const { text } = decoded;
  if (options.force !== true && isMinified(text)) {
    return { contentHash, size, mtimeMs, state: 'skipped', reason: 'The file is minified or generated.' };
  }
  const notes = decoded.isRepaired ? ['The file is not valid UTF-8; what could not be decoded was replaced.'] : [];
  return { contentHash, size, mtimeMs, state: 'text', text, notes };
}

/** The text of an open document in the same form. Nothing is left out: the person is looking at it. */
export function overlayContent(text: string, knownHashes?: readonly string[]): FileContent {
  const stamp = { contentHash: hashOfText(text), size: Buffer.byteLength(text), mtimeMs: 0 };
  if (knownHashes?.includes(stamp.contentHash) === true) return { ...stamp, state: 'unchanged' };
  return { ...stamp, state: 'text', text, notes: [] };
}

/** SHA-256 of the UTF-8 form; lone surrogates, which UTF-8 can't hold, are kept apart. */
export function hashOfText(text: string): string {
  const hash = crypto.createHash('sha256').update(text, 'utf8');
  if (LONE_SURROGATE.test(text)) hash.update('utf16').update(text, 'utf16le');
  return hash.digest('hex');
}

/** File systems count time in steps of up to two seconds. */
const TIME_STEP = 2_000;

/**
 * The time of a file that is being read, as far as another time will tell that it changed: a file written a moment ago may be written again with
 * the same time. 0 then: whoever compares has to look at the content.
 */
export function tellingTime(mtimeMs: number): number {
  return Math.abs(Date.now() - mtimeMs) < TIME_STEP ? 0 : mtimeMs;
}

/** Hash of a file's bytes; undefined when it can't be read. */
export function hashOfFile(path: string): string | undefined {
  try {
    return hashOfBytes(readStable(path).bytes);
  } catch {
    // Whoever reads it next will say why.
    return undefined;
  }
}

/** Newer versions of Node hash in one call, without an object for it. */
const hashAtOnce = (crypto as { hash?: (algorithm: string, bytes: Uint8Array, encoding: 'hex') => string }).hash;

function hashOfBytes(bytes: Uint8Array): string {
  return hashAtOnce?.('sha256', bytes, 'hex') ?? crypto.createHash('sha256').update(bytes).digest('hex');
}

const LONE_SURROGATE = /\p{Surrogate}/u;

interface RawContent {
  readonly bytes: Buffer;
  readonly mtimeMs: number;
}

/** Reads a file that does not change meanwhile. Throws the file system's error. */
function readStable(path: string): RawContent {
  const descriptor = openSync(path, 'r');
  try {
    for (let attempt = 1; ; attempt++) {
      const before = fstatSync(descriptor);
      const bytes = readAll(descriptor, before.size);
      const after = fstatSync(descriptor);
      const isStable = after.mtimeMs === before.mtimeMs && after.size === bytes.length;
      if (isStable || attempt === TRIES) return { bytes, mtimeMs: before.mtimeMs };
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Memory for the file that is being read; whatever is made of a file is a copy. */
let kept = Buffer.allocUnsafeSlow(64 << 10);
const MAX_KEPT = 4 << 20;

function bufferFor(size: number): Buffer {
  if (size > MAX_KEPT) return Buffer.allocUnsafeSlow(size);
  if (size > kept.length) kept = Buffer.allocUnsafeSlow(Math.min(MAX_KEPT, Math.max(size, kept.length * 2)));
  return kept;
}

/** The content holds until the next file is read. */
function readAll(descriptor: number, size: number): Buffer {
  const buffer = bufferFor(size);
  let length = 0;
  while (length < size) {
    const read = readSync(descriptor, buffer, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return buffer.subarray(0, length);
}

const MINIFIED_FROM = 4096;
const LONG_LINE = 500;
/** A file with more than this many ordinary lines of code is written by hand, whatever else is in it. */
const ORDINARY_LINES = 10;
/** Minified code has 2 to 8 % of blanks; prose and formatted code have more. */
const BLANK_SHARE = 0.1;
/** Of minified code at least an eighth is what separates statements, arguments and blocks. A long line without is one long literal. */
const SEPARATOR_SHARE = 0.02;

/** True for text that consists of very long lines with hardly a blank. Looks at the ends of long lines, never at every line of a normal file. */
function isMinified(text: string): boolean {
  if (text.length < MINIFIED_FROM) return false;
  let ordinary = 0;
  let long = 0;
  let blanks = 0;
  let separators = 0;
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    if (end - start > LONG_LINE) {
      long += end - start;
      for (let i = start; i < end; i++) {
        const unit = text.charCodeAt(i);
        if (unit === 32 || unit === 9) blanks++;
        else if (isSeparator(unit)) separators++;
      }
    } else if (isCodeLine(text, start, end) && ++ordinary > ORDINARY_LINES) return false;
    start = end + 1;
  }
  return long * 2 > text.length && blanks < long * BLANK_SHARE && separators >= long * SEPARATOR_SHARE;
}

/** One of `( ) , ; = { }`. */
function isSeparator(unit: number): boolean {
  return unit === 40 || unit === 41 || unit === 44 || unit === 59 || unit === 61 || unit === 123 || unit === 125;
}

/** Neither empty nor a comment line. */
function isCodeLine(text: string, from: number, to: number): boolean {
  const line = text.slice(from, to).trim();
  return line.length > 1 && !line.startsWith('//') && !line.startsWith('*') && !line.startsWith('/*');
}
