/**
 * Judges a replacement of all matches in a text: which characters can surely not be in the result? Understands what
 * programs use to escape and strip: single characters, character classes, alternatives of them, and repetitions of those.
 * Anything else answers "none": a longer pattern can leave behind what it took out (`....//` without `../` is `../`).
 */

/** True where a character can't be in the result any more. */
export type Stripped = (character: string) => boolean;

export const NOTHING_STRIPPED: Stripped = () => false;
const NONE = NOTHING_STRIPPED;
/** Repetition after a class: the whole run is replaced. Optional ones and lazy ones would match nothing. */
const ENDS = /^(?:\+|\{1,\})?$/;

/** `pattern` is a regular expression literal (`/[<>]/g`), or a text when `isRegex` is false. */
export function strippedBy(pattern: string, isRegex: boolean): Stripped {
  if (!isRegex) return pattern.length === 1 ? (character) => character === pattern : NONE;
  const end = pattern.lastIndexOf('/');
  const flags = pattern.slice(end + 1);
  if (end <= 0 || !flags.includes('g')) return NONE;
  const matchers = alternatives(pattern.slice(1, end)).map((source) => matcherOf(source, flags.includes('i')));
  return (character) => matchers.some((matches) => matches(character));
}

/** Of characters of which whole runs, of two and more at least, are taken out at once: `/\s+/g`, `/\s{2,}/g`, `/\s\s+/g`. */
export function runStrippedBy(pattern: string): Stripped {
  const run = /^\/(\\?.|\[(?:\\.|[^\]\\])*\])(?:\+|\{[12],\}|\1\+|\1\*)(\/\w*)$/s.exec(pattern);
  return run === null ? NONE : strippedBy(`/${run[1]}+${run[2]}`, true);
}

/** Splits at the bars outside classes; a group around all of it is opened. */
function alternatives(source: string): string[] {
  const group = /^\((?:\?:)?((?:\\.|\[(?:\\.|[^\]\\])*\]|[^()\\[\]])*)\)$/.exec(source);
  const text = group === null ? source : group[1];
  const found: string[] = [];
  let start = 0;
  let isInClass = false;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '[') isInClass = true;
    else if (text[i] === ']') isInClass = false;
    else if (text[i] === '|' && !isInClass) {
      found.push(text.slice(start, i));
      start = i + 1;
    }
  }
  found.push(text.slice(start));
  return found;
}

/** What one alternative strips; nothing unless a single character is enough for a match. */
function matcherOf(source: string, ignoresCase: boolean): Stripped {
  const cls = /^\[(\^?)((?:\\.|[^\]\\])*)\](.*)$/s.exec(source);
  if (cls !== null) {
    if (!ENDS.test(cls[3])) return NONE;
    const contains = inBothCases(classContent(cls[2]), ignoresCase);
    return contains === undefined ? NONE : cls[1] === '^' ? (character) => !contains(character) : contains;
  }
  const single = /^(\\.|[^\\^$.*+?()[\]{}|])(.*)$/s.exec(source);
  if (single === null || !ENDS.test(single[2])) return NONE;
  return inBothCases(atom(single[1]), ignoresCase) ?? NONE;
}

function inBothCases(matches: Stripped | undefined, ignoresCase: boolean): Stripped | undefined {
  if (matches === undefined || !ignoresCase) return matches;
  return (character) => matches(character.toLowerCase()) || matches(character.toUpperCase());
}

function classContent(content: string): Stripped | undefined {
  const parts: Stripped[] = [];
  const pieces = content.match(/\\.|[^\\]/gs) ?? [];
  for (let i = 0; i < pieces.length; i++) {
    const from = literal(pieces[i]);
    const to = pieces[i + 1] === '-' && i + 2 < pieces.length ? literal(pieces[i + 2]) : undefined;
    if (from !== undefined && to !== undefined) {
      parts.push((character) => character >= from && character <= to);
      i += 2;
      continue;
    }
    const part = atom(pieces[i]);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return (character) => parts.some((matches) => matches(character));
}

/** The character a piece stands for, or undefined where it stands for several. */
function literal(piece: string): string | undefined {
  if (!piece.startsWith('\\')) return piece;
  const controls: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', '0': '\0' };
  const escaped = piece.slice(1);
  if (Object.hasOwn(controls, escaped)) return controls[escaped];
  return /[A-Za-z0-9]/.test(escaped) ? undefined : escaped;
}

function atom(piece: string): Stripped | undefined {
  const character = literal(piece);
  if (character !== undefined) return (other) => other === character;
  switch (piece) {
    case '\\w':
      return (other) => /\w/.test(other);
    case '\\W':
      return (other) => /\W/.test(other);
    case '\\d':
      return (other) => /\d/.test(other);
    case '\\D':
      return (other) => /\D/.test(other);
    case '\\s':
      return (other) => /\s/.test(other);
    case '\\S':
      return (other) => /\S/.test(other);
    default:
      return undefined;
  }
}
