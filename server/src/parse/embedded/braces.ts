/**
 * Where code that is written inside of markup ends, told by its brackets alone: strings, templates, comments and
 * regular expressions are passed over. Nothing here is parsed, so half-typed code does no harm.
 */

const enum Char {
  Quote = 34,
  Dollar = 36,
  Apostrophe = 39,
  Star = 42,
  Slash = 47,
  LeftBracket = 91,
  Backslash = 92,
  RightBracket = 93,
  Backtick = 96,
  LeftBrace = 123,
  RightBrace = 125,
}

/** Behind these a slash begins a regular expression, and `<` an element. */
const BEFORE_EXPRESSION = new Set('(,=:[!&|?{};>+-*%~^<'.split(''));

/** Offset behind the brace that closes the one at `open`; -1 when there is none before `end`. */
export function closingBrace(text: string, open: number, end: number): number {
  let depth = 0;
  for (let at = open; at < end;) {
    const unit = text.charCodeAt(at);
    if (unit === Char.LeftBrace) depth++;
    else if (unit === Char.RightBrace && --depth === 0) return at + 1;
    at = nextToken(text, at, open + 1, end);
  }
  return -1;
}

/** The offset behind the string, template, comment or regular expression at `at`; the next one for anything else. */
export function nextToken(text: string, at: number, from: number, end: number): number {
  switch (text.charCodeAt(at)) {
    case Char.Quote:
    case Char.Apostrophe:
      return endOfString(text, at, end);
    case Char.Backtick:
      return endOfTemplate(text, at, end);
    case Char.Slash:
      return endOfSlash(text, at, from, end);
    default:
      return at + 1;
  }
}

/** True where an expression may begin, as far as the last character before says. */
export function isExpressionStart(text: string, at: number, from: number): boolean {
  let before = at - 1;
  while (before >= from && /\s/.test(text[before])) before--;
  if (before < from || BEFORE_EXPRESSION.has(text[before])) return true;
  return /(?:^|[^\w$.])(?:return|default|case|else|do)$/.test(text.slice(Math.max(from, before - 8), before + 1));
}

/** Behind the string; one that its line does not close ends with the line, so that it swallows nothing else. */
function endOfString(text: string, open: number, end: number): number {
  const quote = text.charCodeAt(open);
  for (let at = open + 1; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) return at + 1;
    if (unit === Char.Backslash) at++;
    else if (unit === 10 || unit === 13) return at;
  }
  return end;
}

export function endOfTemplate(text: string, open: number, end: number): number {
  for (let at = open + 1; at < end; at++) {
    const unit = text.charCodeAt(at);
    if (unit === Char.Backtick) return at + 1;
    if (unit === Char.Backslash) at++;
    else if (unit === Char.Dollar && text.charCodeAt(at + 1) === Char.LeftBrace) {
      const close = closingBrace(text, at + 1, end);
      if (close < 0) return end;
      at = close - 1;
    }
  }
  return end;
}

function endOfSlash(text: string, at: number, from: number, end: number): number {
  const next = text.charCodeAt(at + 1);
  if (next === Char.Slash) {
    const line = text.indexOf('\n', at);
    return line < 0 || line > end ? end : line;
  }
  if (next === Char.Star) {
    const close = text.indexOf('*/', at + 2);
    return close < 0 || close > end ? end : close + 2;
  }
  if (!isExpressionStart(text, at, from)) return at + 1;
  let inClass = false;
  for (let i = at + 1; i < end; i++) {
    const unit = text.charCodeAt(i);
    if (unit === Char.Backslash) i++;
    else if (unit === 10 || unit === 13) return at + 1;
    else if (unit === Char.LeftBracket) inClass = true;
    else if (unit === Char.RightBracket) inClass = false;
    else if (unit === Char.Slash && !inClass) return i + 1;
  }
  return at + 1;
}

/** Offsets at which `find` says yes, outside of all brackets and strings, in order. */
export function topLevel(text: string, from: number, to: number, find: (at: number) => boolean): number[] {
  const found: number[] = [];
  let depth = 0;
  for (let at = from; at < to; at = nextToken(text, at, from, to)) {
    const unit = text[at];
    if (depth === 0 && find(at)) found.push(at);
    if (unit === '(' || unit === '[' || unit === '{') depth++;
    else if (unit === ')' || unit === ']' || unit === '}') depth--;
  }
  return found;
}
