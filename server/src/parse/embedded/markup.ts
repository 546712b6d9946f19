/**
 * HTML, and what component formats make of it, as a tree. Tolerant: an element that is not closed ends where its
 * parent does, a closing tag without an element is passed over, and a quote that nobody closes ends with its line.
 */
import { closingBrace, endOfTemplate, isExpressionStart, nextToken } from './braces';

export interface Attribute {
  /** As it is written; of `{...rest}` and `{short}` it is empty. */
  readonly name: string;
  readonly start: number;
  readonly nameEnd: number;
  readonly end: number;
  /** Text between quotes (or without), or code between braces; `undefined` where there is no value. */
  readonly value: AttributeValue | undefined;
}

export interface AttributeValue {
  readonly kind: 'text' | 'code';
  readonly start: number;
  readonly end: number;
}

export interface Element {
  readonly kind: 'element';
  /** Empty for `<>`. */
  readonly name: string;
  readonly start: number;
  readonly nameEnd: number;
  /** Behind the opening tag. */
  readonly openEnd: number;
  readonly attributes: readonly Attribute[];
  readonly children: readonly MarkupNode[];
  /** Where the closing tag starts, and behind it. */
  readonly contentEnd: number;
  readonly end: number;
}

export interface Text {
  readonly kind: 'text';
  readonly start: number;
  readonly end: number;
}

/** Code between braces: `start + 1 … end - 1`, with the elements that are written inside of it. */
export interface Braces {
  readonly kind: 'braces';
  readonly start: number;
  readonly end: number;
  readonly elements: readonly Element[];
}

export type MarkupNode = Element | Text | Braces;

export interface MarkupOptions {
  /** `{` begins code, in text and as the value of an attribute. */
  readonly braces: boolean;
  /** Elements may be written inside of code, as in JSX. */
  readonly elementsInCode: boolean;
}

const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** Their content is text, whatever it looks like. */
const RAW = new Set(['script', 'style', 'textarea', 'title']);
/** Elements nested more deeply are read as siblings. */
const MAX_DEPTH = 200;
/** After so many braces that nothing closes, braces are text: looking for their ends is what takes time. */
const MAX_UNCLOSED = 20;

/** Longest `{/snippet}`, with blanks. */
const MAX_END = 20;

const TAG_NAME = /[A-Za-z][^\s/>{}"'=]*/y;
const ATTRIBUTE_NAME = /[^\s/>"'=][^\s/>"'=]*/y;
const BLANKS = /\s*/y;
const UNQUOTED = /[^\s>"'`]+/y;

/** The nodes between two offsets. */
export function parseMarkup(text: string, from: number, to: number, options: MarkupOptions): MarkupNode[] {
  return new MarkupParser(text, to, options).siblings(from);
}

/** The attributes of one tag whose name ends at `from`. `end` is behind the tag. */
export function parseAttributes(
  text: string,
  from: number,
  to: number,
  options: MarkupOptions,
): { readonly attributes: Attribute[]; readonly end: number } {
  const parser = new MarkupParser(text, to, options);
  parser.at = from;
  const { attributes } = parser.attributes();
  return { attributes, end: parser.at };
}

class MarkupParser {
  at = 0;
  private readonly open: string[] = [];
  private unclosed = 0;

  constructor(
    private readonly text: string,
    private readonly end: number,
    private readonly options: MarkupOptions,
  ) {}

  /** All nodes, also behind closing tags that close nothing. */
  siblings(from: number): MarkupNode[] {
    this.at = from;
    return this.children();
  }

  /** Nodes up to the end, or to a closing tag of an open element, which is left to whoever opened it. */
  private children(): MarkupNode[] {
    const nodes: MarkupNode[] = [];
    const { text, end } = this;
    while (this.at < end) {
      const { at } = this;
      const unit = text[at];
      if (unit === '<') {
        if (text.startsWith('<!--', at)) this.at = behind(text, '-->', at + 4, end);
        else if (text[at + 1] === '!' || text[at + 1] === '?') this.at = behind(text, '>', at, end);
        else if (text[at + 1] === '/') {
          if (this.open.includes(this.closingName())) return nodes;
          this.at = behind(text, '>', at, end);
        } else if (this.startsElement(at)) nodes.push(this.element());
        else this.addText(nodes);
      } else if (unit === '{' && this.options.braces) {
        const braces = this.braces();
        if (braces === undefined) this.addText(nodes);
        else nodes.push(braces);
      } else this.addText(nodes);
    }
    return nodes;
  }

  private startsElement(at: number): boolean {
    if (this.options.elementsInCode && this.text[at + 1] === '>') return true;
    const unit = this.text.charCodeAt(at + 1) | 32;
    return unit >= 97 && unit <= 122;
  }

  private closingName(): string {
    TAG_NAME.lastIndex = this.at + 2;
    return TAG_NAME.exec(this.text)?.[0] ?? '';
  }

  private addText(nodes: MarkupNode[]): void {
    const start = this.at;
    const { text, end } = this;
    let at = start + 1;
    while (at < end && text[at] !== '<' && !(text[at] === '{' && this.options.braces)) at++;
    this.at = at;
    nodes.push({ kind: 'text', start, end: at });
  }

  private element(): Element {
    const start = this.at;
    const { text, end } = this;
    TAG_NAME.lastIndex = start + 1;
    const name = text[start + 1] === '>' ? '' : (TAG_NAME.exec(text)?.[0] ?? '');
    const nameEnd = start + 1 + name.length;
    this.at = nameEnd;
    const { attributes, isClosed } = this.attributes();
    const openEnd = this.at;
    const opened = { kind: 'element', name, start, nameEnd, openEnd, attributes } as const;
    if (isClosed || VOID.has(name.toLowerCase())) return { ...opened, children: [], contentEnd: openEnd, end: openEnd };
    if (RAW.has(name)) {
      const close = indexOfClosing(text, name, openEnd, end);
      this.at = close < 0 ? end : behind(text, '>', close, end);
      return { ...opened, children: [], contentEnd: close < 0 ? end : close, end: this.at };
    }
    if (this.open.length >= MAX_DEPTH) return { ...opened, children: [], contentEnd: openEnd, end: openEnd };
    this.open.push(name);
    const children = this.children();
    this.open.pop();
    const contentEnd = this.at;
    if (contentEnd < end && this.closingName() === name) this.at = behind(text, '>', contentEnd, end);
    return { ...opened, children, contentEnd, end: this.at };
  }

  /** Up to and with the end of the tag. */
  attributes(): { readonly attributes: Attribute[]; readonly isClosed: boolean } {
    const attributes: Attribute[] = [];
    const { text, end } = this;
    for (;;) {
      this.blanks();
      if (this.at >= end) return { attributes, isClosed: false };
      const unit = text[this.at];
      if (unit === '>') {
        this.at++;
        return { attributes, isClosed: text[this.at - 2] === '/' };
      }
      // A tag that is being typed ends where the next one starts.
      if (unit === '<') return { attributes, isClosed: false };
      if (unit === '/' || unit === '"' || unit === "'" || unit === '=') this.at++;
      else attributes.push(this.attribute());
    }
  }

  private attribute(): Attribute {
    const start = this.at;
    const { text, end } = this;
    if (text[start] === '{' && this.options.braces) {
      const value = this.code();
      return { name: '', start, nameEnd: this.at, end: this.at, value };
    }
    ATTRIBUTE_NAME.lastIndex = start;
    const name = ATTRIBUTE_NAME.exec(text)?.[0] ?? text[start];
    this.at = Math.min(start + name.length, end);
    const nameEnd = this.at;
    this.blanks();
    if (text[this.at] !== '=') {
      this.at = nameEnd;
      return { name, start, nameEnd, end: nameEnd, value: undefined };
    }
    this.at++;
    this.blanks();
    const value = this.value();
    return { name, start, nameEnd, end: this.at, value };
  }

  private value(): AttributeValue | undefined {
    const { text, end } = this;
    const quote = text[this.at];
    if (quote === '"' || quote === "'") {
      const start = this.at + 1;
      const close = this.closingQuote(quote, start);
      const valueEnd = close < 0 ? endOfLine(text, start, end) : close;
      this.at = close < 0 ? valueEnd : close + 1;
      return { kind: 'text', start, end: valueEnd };
    }
    if (quote === '{' && this.options.braces) return this.code();
    const start = this.at;
    if (quote === '`' && this.options.elementsInCode) {
      this.at = endOfTemplate(text, start, end);
      return { kind: 'code', start, end: this.at };
    }
    UNQUOTED.lastIndex = start;
    this.at = Math.min(start + (UNQUOTED.exec(text)?.[0].length ?? 0), end);
    return this.at === start ? undefined : { kind: 'text', start, end: this.at };
  }

  private closingQuote(quote: string, from: number): number {
    const { text, end } = this;
    if (!this.options.braces || this.options.elementsInCode) {
      const close = text.indexOf(quote, from);
      return close < end ? close : -1;
    }
    for (let at = from; at < end; at++) {
      if (text[at] === quote) return at;
      if (text[at] !== '{') continue;
      const close = closingBrace(text, at, end);
      if (close > 0) at = close - 1;
    }
    return -1;
  }

  /** The code at a brace. Without its counterpart it ends with the line. */
  private code(): AttributeValue {
    const start = this.at;
    const braces = this.braces();
    if (braces !== undefined) return { kind: 'code', start: start + 1, end: braces.end - 1 };
    this.at = endOfLine(this.text, start, this.end);
    return { kind: 'code', start: start + 1, end: this.at };
  }

  /** Undefined, and nothing passed over, when nothing closes the brace. */
  private braces(): Braces | undefined {
    const { text, end } = this;
    const start = this.at;
    if (this.unclosed > MAX_UNCLOSED) return undefined;
    if (!this.options.elementsInCode) {
      // The end of a block: `{/if}`.
      const isEnd = /^\{\/[a-z]+\s*\}/.exec(text.slice(start, start + MAX_END));
      const close = isEnd !== null ? start + isEnd[0].length : closingBrace(text, start, end);
      if (close < 0) this.unclosed++;
      if (close < 0) return undefined;
      this.at = close;
      return { kind: 'braces', start, end: close, elements: [] };
    }
    const elements: Element[] = [];
    let depth = 0;
    for (let at = start; at < end;) {
      const unit = text[at];
      if (unit === '{') depth++;
      else if (unit === '}' && --depth === 0) {
        this.at = at + 1;
        return { kind: 'braces', start, end: this.at, elements };
      }
      if (unit === '<' && this.startsElement(at) && isExpressionStart(text, at, start + 1)) {
        this.at = at;
        elements.push(this.element());
        at = this.at;
      } else if (text.startsWith('<!--', at)) at = behind(text, '-->', at + 4, end);
      else at = nextToken(text, at, start + 1, end);
    }
    this.unclosed++;
    this.at = start;
    return undefined;
  }

  private blanks(): void {
    BLANKS.lastIndex = this.at;
    this.at = Math.min(this.at + (BLANKS.exec(this.text)?.[0].length ?? 0), this.end);
  }
}

/** Offset behind the next `what`, or `end`. */
function behind(text: string, what: string, from: number, end: number): number {
  const found = text.indexOf(what, from);
  return found < 0 || found >= end ? end : found + what.length;
}

function endOfLine(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

/** Where `</name` stands, in any case of letters; -1 when it does not. */
export function indexOfClosing(text: string, name: string, from: number, end: number): number {
  for (let at = text.indexOf('</', from); at >= 0 && at < end; at = text.indexOf('</', at + 2)) {
    const behindName = at + 2 + name.length;
    if (text.slice(at + 2, behindName).toLowerCase() === name && !/[\w-]/.test(text[behindName] ?? ' ')) return at;
  }
  return -1;
}

export function attributeOf(attributes: readonly Attribute[], name: string): Attribute | undefined {
  return attributes.find((attribute) => attribute.name === name);
}

/** The text of an attribute; empty where it has none. */
export function textOfAttribute(text: string, attributes: readonly Attribute[], name: string): string | undefined {
  const attribute = attributeOf(attributes, name);
  if (attribute === undefined) return undefined;
  return attribute.value === undefined ? '' : text.slice(attribute.value.start, attribute.value.end);
}
