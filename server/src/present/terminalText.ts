/**
 * What texts for a terminal are written with: places that terminals and editors make links of, paths as numbered steps with their lines of code, and
 * styles. Text of the scanned files is made harmless first: nothing in a source file may drive the terminal.
 */
import type { Location, Path } from '../model/finding';
import type { Severity } from '../model/summary';
import { reportName, type LineReader } from './report';

export interface TextOptions {
  readonly colors: boolean;
  readonly lineOf: LineReader;
}

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'cyan' | 'magenta' | 'green' | 'underline';

const CODES: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  underline: [4, 24],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

/** Characters of a code line that are shown; long lines are cut around what matters. */
const CODE_WIDTH = 120;
export class TerminalText {
  protected readonly lines: string[] = [];

  /** `roots` are absolute paths; files are named from the one they are in. */
  constructor(
    private readonly roots: readonly string[],
    private readonly options: TextOptions,
  ) {}

  protected path(path: Path): void {
    const width = String(path.steps.length).length + 2;
    for (const [index, step] of path.steps.entries()) {
      const number = `${String(index + 1)}.`.padStart(width + 1);
      this.lines.push(`${number} ${this.style('cyan', this.place(step.location))}  ${printable(step.text)}`);
      const code = this.code(step.location);
      if (code !== undefined) this.lines.push(`${' '.repeat(width + 4)}${code}`);
    }
    if (path.truncated !== undefined) {
      this.lines.push(this.style('dim', `${' '.repeat(width + 2)}steps were left out: ${printable(path.truncated)}`));
    }
  }

  /** The line of code with the place underlined (where there are colours), cut to a readable length. */
  private code({ path, range }: Location): string | undefined {
    const line = this.options.lineOf(path, range.start.line);
    if (line === undefined || line.trim() === '') return undefined;
    const from = range.start.character;
    const to = range.end.line === range.start.line ? range.end.character : line.length;
    let left = line.length - line.trimStart().length;
    let right = line.trimEnd().length;
    if (right - left > CODE_WIDTH) {
      left = Math.max(left, Math.min(from - 30, right - CODE_WIDTH));
      right = Math.min(right, left + CODE_WIDTH);
    }
    const before = line.slice(left, Math.max(left, Math.min(from, right)));
    const marked = line.slice(Math.max(left, Math.min(from, right)), Math.max(left, Math.min(to, right)));
    const after = line.slice(Math.max(left, Math.min(to, right)), right);
    const start = line.slice(0, left).trim() === '' ? '' : '…';
    const end = line.slice(right).trim() === '' ? '' : '…';
    return `${start}${this.style('dim', printable(before))}${this.style('underline', printable(marked))}${this.style('dim', printable(after))}${end}`;
  }

  protected place({ path, range }: { readonly path: string; readonly range?: Location['range'] | undefined }): string {
    const name = printable(reportName(this.roots, path));
    return range === undefined ? name : `${name}:${String(range.start.line + 1)}:${String(range.start.character + 1)}`;
  }

  protected severity(severity: Severity, text: string = severity): string {
    switch (severity) {
      case 'critical':
        return this.style('bold', this.style('magenta', text));
      case 'high':
        return this.style('red', text);
      case 'medium':
        return this.style('yellow', text);
      case 'low':
        return this.style('cyan', text);
      case 'note':
        return this.style('dim', text);
    }
  }

  protected style(style: Style, text: string): string {
    if (!this.options.colors || text === '') return text;
    const [on, off] = CODES[style];
    return `\u001b[${String(on)}m${text}\u001b[${String(off)}m`;
  }
}

/** Control characters, also those of the 8-bit range and those that turn the direction of text, become visible. */
export function printable(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/\t/g, '  ')
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
}
