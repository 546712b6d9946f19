/**
 * Judges a regular expression used as a test: does it only let harmless text through? An allow-list is anchored at
 * both ends, has no wildcard and no negated class, and no metacharacter of shells, SQL, HTML or paths in its classes.
 */

/** Characters that carry meaning in at least one sink's language. */
const DANGEROUS = /[\s'"`$;&|<>(){}\\/*?~!#%^=,]/;

export function isAllowListPattern(literal: string): boolean {
  const end = literal.lastIndexOf('/');
  if (end <= 0) return false;
  const source = literal.slice(1, end);
  const flags = literal.slice(end + 1);
  // With `m`, the anchors match at line ends inside the text.
  if (flags.includes('m') || !source.startsWith('^') || !source.endsWith('$') || source.endsWith('\\$')) return false;
  const body = source.slice(1, -1);
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const char = body[i];
    switch (char) {
      case '\\': {
        const escaped = body[++i];
        if (escaped === undefined || !'wd.-_'.includes(escaped)) return false;
        break;
      }
      case '[': {
        const close = closingBracket(body, i);
        if (close < 0 || !isHarmlessClass(body.slice(i + 1, close))) return false;
        i = close;
        break;
      }
      case '(':
        depth++;
        if (body[i + 1] === '?') {
          if (body[i + 2] !== ':') return false;
          i += 2;
        }
        break;
      case ')':
        depth--;
        break;
      case '|':
        // An alternative at the top level escapes the anchors.
        if (depth === 0) return false;
        break;
      case '.':
        return false;
      case '{': {
        const close = body.indexOf('}', i);
        if (close < 0 || !/^\d+(,\d*)?$/.test(body.slice(i + 1, close))) return false;
        i = close;
        break;
      }
      case '*':
      case '+':
      case '?':
        break;
      default:
        if (DANGEROUS.test(char)) return false;
        break;
    }
  }
  return true;
}

function closingBracket(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ']') return i;
  }
  return -1;
}

function isHarmlessClass(content: string): boolean {
  if (content.startsWith('^')) return false;
  for (let i = 0; i < content.length; i++) {
    if (content[i] === '\\') {
      const escaped = content[++i];
      if (escaped === undefined || !'wd.-_'.includes(escaped)) return false;
      continue;
    }
    if (content[i + 1] === '-' && i + 2 < content.length) {
      const range = content.slice(i, i + 3);
      if (!/^(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d)$/.test(range)) return false;
      i += 2;
      continue;
    }
    if (DANGEROUS.test(content[i])) return false;
  }
  return true;
}
