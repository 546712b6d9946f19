/**
 * The script of a file of another format: a text that the ordinary parser reads, made of pieces of the host file and of
 * what the format means without saying it. Each piece knows which part of the host it stands for, so that every
 * position in the script leads back to one in the host.
 */
import type { Span } from '../javascript';

/** From offsets of the script to offsets of the host. Ends are exclusive. */
export interface PositionMap {
  readonly startOf: (offset: number) => number;
  readonly endOf: (offset: number) => number;
}

interface Rewriting {
  readonly pattern: RegExp;
  readonly replacement: (match: RegExpMatchArray) => string;
}

export class ScriptText implements PositionMap {
  /** Parts of the host that could not be understood. */
  readonly lost: Span[] = [];
  private readonly parts: string[] = [];
  private length = 0;
  /** By piece: where it starts in the script, and the part of the host that it stands for; `NONE` as end where it is a copy. */
  private readonly starts: number[] = [];
  private readonly hostStarts: number[] = [];
  private readonly hostEnds: number[] = [];

  private rewriting: Rewriting | undefined;

  constructor(readonly host: string) {}

  /** From now on, what matches in copied code is written as `replacement` says. */
  rewrite(pattern: RegExp, replacement: (match: RegExpMatchArray) => string): void {
    this.rewriting = { pattern, replacement };
  }

  /** Code of the host as it is written. */
  copy(from: number, to: number): this {
    if (to <= from) return this;
    const text = this.host.slice(from, to);
    let at = 0;
    if (this.rewriting !== undefined) {
      const { pattern, replacement } = this.rewriting;
      for (const match of text.matchAll(pattern)) {
        const end = match.index + match[0].length;
        if (match.index > at) this.piece(text.slice(at, match.index), from + at, COPY);
        this.piece(replacement(match), from + match.index, from + end);
        at = end;
      }
    }
    if (at < text.length) this.piece(at === 0 ? text : text.slice(at), from + at, COPY);
    return this;
  }

  /** Code that stands for a part of the host. */
  add(text: string, from: number, to = from): this {
    if (text !== '') this.piece(text, from, to);
    return this;
  }

  lose(from: number, to: number): void {
    const end = Math.min(Math.max(to, from + 1), this.host.length);
    if (end > from) this.lost.push([from, end]);
  }

  toString(): string {
    return this.parts.join('');
  }

  startOf(offset: number): number {
    const piece = this.pieceAt(offset);
    if (piece < 0) return 0;
    const hostStart = this.hostStarts[piece];
    return this.hostEnds[piece] === COPY
      ? Math.min(hostStart + offset - this.starts[piece], this.host.length)
      : hostStart;
  }

  endOf(offset: number): number {
    const piece = this.pieceAt(offset - 1);
    if (piece < 0) return 0;
    const hostEnd = this.hostEnds[piece];
    if (hostEnd !== COPY) return hostEnd;
    return Math.min(this.hostStarts[piece] + offset - this.starts[piece], this.host.length);
  }

  private piece(text: string, hostStart: number, hostEnd: number): void {
    this.starts.push(this.length);
    this.hostStarts.push(hostStart);
    this.hostEnds.push(hostEnd);
    this.parts.push(text);
    this.length += text.length;
  }

  private pieceAt(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }
}

const COPY = -1;
