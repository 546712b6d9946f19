/**
 * An index in short: for each file one number for each kind of line that `Analysis.dump` would write about it. Two
 * indexes that say the same have the same digest; where they differ, the digest tells which files and in what. The
 * order of lines does not count, so it is made in one pass.
 */
import { TextHash } from '../base/textHash';

/** Text of an open document that counted instead of the disk's. */
export interface DigestedDocument {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  readonly languageId: string;
}

export interface IndexDigest {
  /** Kinds of lines; the numbers of a file stand in this order. */
  readonly kinds: readonly string[];
  readonly files: ReadonlyMap<string, readonly number[]>;
  readonly lines: number;
  readonly documents: readonly DigestedDocument[];
}

export interface DigestDifference {
  /** Path of a file; for findings that differ, their fingerprint. */
  readonly subject: string;
  /** Kinds of lines that differ. */
  readonly kinds: readonly string[];
}

export interface DigestComparison {
  readonly subjects: number;
  readonly lines: number;
  /** How many subjects differ, and the first of them, by name. */
  readonly different: number;
  readonly first: readonly DigestDifference[];
}

/** Subjects that are named when indexes differ. */
const MAX_NAMED = 100;
/** Kind of the lines that tell what a file's content is. */
const FILE_KIND = 'file';

export class DigestBuilder {
  private readonly kinds = new Map<string, number>();
  private readonly files = new Map<string, number[]>();
  private lines = 0;

  /** A line of a dump: its kind, what it is about, and the rest, with tabs between. */
  add(line: string): void {
    const first = line.indexOf('\t');
    const second = line.indexOf('\t', first + 1);
    const kind = this.kindNumber(line.slice(0, first));
    const name = second < 0 ? line.slice(first + 1) : line.slice(first + 1, second);
    // What is about a function is told of its file.
    const hash = name.indexOf('#');
    const subject = hash < 0 ? name : name.slice(0, hash);
    let numbers = this.files.get(subject);
    if (numbers === undefined) this.files.set(subject, (numbers = []));
    while (numbers.length <= kind) numbers.push(0);
    const text = new TextHash();
    text.text(line);
    // Sums of 48 bits stay exact for as many lines as there can be.
    numbers[kind] = (numbers[kind] + Number.parseInt(text.digest().slice(0, 12), 16)) % 2 ** 52;
    this.lines++;
  }

  result(documents: readonly DigestedDocument[]): IndexDigest {
    return { kinds: [...this.kinds.keys()], files: this.files, lines: this.lines, documents };
  }

  private kindNumber(kind: string): number {
    let number = this.kinds.get(kind);
    if (number === undefined) this.kinds.set(kind, (number = this.kinds.size));
    return number;
  }
}

export function compareDigests(a: IndexDigest, b: IndexDigest): DigestComparison {
  const first: DigestDifference[] = [];
  let different = 0;
  const subjects = new Set([...a.files.keys(), ...b.files.keys()]);
  for (const subject of [...subjects].sort()) {
    const kinds = differingKinds(valuesOf(a, subject), valuesOf(b, subject));
    if (kinds.length === 0) continue;
    different++;
    if (first.length < MAX_NAMED) first.push({ subject, kinds });
  }
  return { subjects: subjects.size, lines: a.lines, different, first };
}

/** True when the files themselves differ: then the two were made of different inputs. */
export function hasOtherFiles({ first }: DigestComparison): boolean {
  return first.some(({ kinds }) => kinds.includes(FILE_KIND));
}

function valuesOf({ kinds, files }: IndexDigest, subject: string): ReadonlyMap<string, number> {
  const numbers = files.get(subject) ?? [];
  const result = new Map<string, number>();
  for (const [i, kind] of kinds.entries()) {
    const number = numbers[i] ?? 0;
    if (number !== 0) result.set(kind, number);
  }
  return result;
}

function differingKinds(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((kind) => a.get(kind) !== b.get(kind)).sort();
}
