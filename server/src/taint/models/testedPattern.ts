/**
 * What a test against a regular expression says of the text: which characters a text that matched can hold, which ones a
 * text that did not match can't hold, and what a match surely begins with. Read from the parsed expression, so that what
 * counts is what it lets through and not how it is written.
 */
import { RegExpParser, type AST } from '@eslint-community/regexpp';

/** True for characters of some set. */
export type Characters = (character: string) => boolean;

export interface TestedPattern {
  /** Characters that a text which matches may hold; undefined when the match need not be the whole text. */
  readonly allowed: Characters | undefined;
  /** Characters that a text which doesn't match can't hold. */
  readonly forbidden: Characters;
  /** What a text that matches begins with: one of these. Empty when nothing is known. */
  readonly beginnings: readonly string[];
  /** Whether the expression finds something in a text. */
  finds(text: string): boolean;
}

/** More ways to begin than these are not told apart. */
const MAX_BEGINNINGS = 8;
const MAX_BEGINNING = 200;

/** Reads a literal such as `/^[a-z]+$/i`; undefined when it is none. */
export function readPattern(literal: string): TestedPattern | undefined {
  const end = literal.lastIndexOf('/');
  if (!literal.startsWith('/') || end <= 0) return undefined;
  const flags = literal.slice(end + 1).replace(/[gy]/g, '');
  let parsed: AST.RegExpLiteral;
  let compiled: RegExp;
  try {
    // An expression made of texts may hold slashes as they are.
    const source = literal.slice(1, end).replace(/(^|[^\\])\//g, '$1\\/');
    parsed = new RegExpParser({ ecmaVersion: 2025 }).parseLiteral(`/${source}/${literal.slice(end + 1)}`);
    compiled = new RegExp(literal.slice(1, end), flags);
  } catch (error) {
    // Text that the engine can't read either says nothing.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { alternatives } = parsed.pattern;
  // A sticky test looks at one place only, and with `m` the anchors match inside the text.
  const isWhole =
    !parsed.flags.multiline &&
    alternatives.every(({ elements }) => isAnchored(elements, 'start') && isAnchored(elements, 'end'));
  return {
    allowed: isWhole ? charactersIn(parsed) : undefined,
    forbidden: parsed.flags.sticky ? none : singleCharacters(parsed),
    beginnings: parsed.flags.multiline || parsed.flags.ignoreCase ? [] : beginningsOf(alternatives),
    finds: (text) => compiled.test(text),
  };
}

const none: Characters = () => false;

type Elements = readonly AST.Element[];

function isAnchored(elements: Elements, side: 'start' | 'end'): boolean {
  // Lookarounds take nothing: `^(?!x)` is anchored, and so is what stands behind one.
  const solid = elements.filter(
    (element) => element.type !== 'Assertion' || element.kind === 'start' || element.kind === 'end',
  );
  const element = side === 'start' ? solid.at(0) : solid.at(-1);
  if (element === undefined) return false;
  if (element.type === 'Assertion') return element.kind === side;
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return false;
  return element.alternatives.every((alternative) => isAnchored(alternative.elements, side));
}

/** Everything that takes a character, anywhere in the expression. */
function charactersIn({ pattern, flags }: AST.RegExpLiteral): Characters {
  const sets: Characters[] = [];
  const visit = (element: AST.Element): void => {
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        for (const alternative of element.alternatives) alternative.elements.forEach(visit);
        break;
      case 'Quantifier':
        if (element.max > 0) visit(element.element);
        break;
      case 'Assertion':
      case 'Backreference':
        break;
      default:
        sets.push(setOf(element, flags));
        break;
    }
  };
  for (const alternative of pattern.alternatives) alternative.elements.forEach(visit);
  return (character) => sets.some((has) => has(character));
}

type Taking = AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass;

/** The characters that one element takes. The engine itself says so, with the element alone. */
function setOf(element: Taking, flags: AST.Flags): Characters {
  const options = `${flags.ignoreCase ? 'i' : ''}${flags.dotAll ? 's' : ''}${flags.unicode ? 'u' : ''}${flags.unicodeSets ? 'v' : ''}`;
  const single = new RegExp(`^(?:${element.raw})$`, options);
  return (character) => single.test(character);
}

/** Characters each of which is enough for a match wherever it stands. */
function singleCharacters({ pattern, flags }: AST.RegExpLiteral): Characters {
  const sets: Characters[] = [];
  const visit = (alternatives: readonly AST.Alternative[]): void => {
    for (const { elements } of alternatives) {
      // Besides the one that takes the character, all others must be content with nothing.
      const needed = elements.filter((element) => element.type !== 'Quantifier' || element.min > 0);
      if (needed.length !== 1) continue;
      let [element] = needed;
      if (element.type === 'Quantifier') {
        if (element.min !== 1) continue;
        element = element.element;
      }
      if (element.type === 'Group' || element.type === 'CapturingGroup') visit(element.alternatives);
      else if (element.type !== 'Assertion' && element.type !== 'Backreference') sets.push(setOf(element, flags));
    }
  };
  visit(pattern.alternatives);
  return (character) => sets.some((has) => has(character));
}

/** Constant texts that every match begins with, at the beginning of the text. */
function beginningsOf(alternatives: readonly AST.Alternative[]): readonly string[] {
  const found: string[] = [];
  for (const { elements } of alternatives) {
    const first = elements.at(0);
    if (first === undefined) return [];
    const isStart = first.type === 'Assertion' && first.kind === 'start';
    if (!isStart && !(alternatives.length === 1 && isAnchored(elements, 'start'))) return [];
    const ways = waysThrough(isStart ? elements.slice(1) : elements);
    if (ways === undefined) return [];
    found.push(...ways.map(({ text }) => text));
    if (found.length > MAX_BEGINNINGS) return [];
  }
  return found;
}

interface Beginning {
  readonly text: string;
  /** Something that is no constant came: nothing can be added any more. */
  readonly isOver: boolean;
}

function waysThrough(elements: Elements): readonly Beginning[] | undefined {
  let ways: readonly Beginning[] = [{ text: '', isOver: false }];
  for (const element of elements) {
    const next = waysOf(element);
    ways = ways.flatMap((way) =>
      way.isOver || way.text.length > MAX_BEGINNING
        ? [way]
        : next.map(({ text, isOver }) => ({ text: way.text + text, isOver })),
    );
    if (ways.length > MAX_BEGINNINGS) return undefined;
    if (ways.every(({ isOver }) => isOver)) break;
  }
  return ways;
}

/** Stands for some character that the expression does not name. */
const OTHER = '\uFFFD';

/** Whether a look-ahead refuses all texts that begin with a character. */
function refuses(element: AST.Assertion, character: string): boolean {
  if (element.kind !== 'lookahead' || !element.negate) return false;
  return element.alternatives.some(({ elements }) => {
    const [only] = elements;
    if (elements.length !== 1) return false;
    if (only.type === 'Character') return String.fromCodePoint(only.value) === character;
    return only.type === 'CharacterClass' && new RegExp(`^${only.raw}$`, 'u').test(character);
  });
}

const OVER: readonly Beginning[] = [{ text: '', isOver: true }];
const NOTHING: readonly Beginning[] = [{ text: '', isOver: false }];

function waysOf(element: AST.Element): readonly Beginning[] {
  switch (element.type) {
    case 'Character':
      return [{ text: String.fromCodePoint(element.value), isOver: false }];
    case 'Assertion':
      // What comes next, if anything, is neither of these: no second slash makes a host of it.
      return refuses(element, '/') && refuses(element, '\\') ? [{ text: OTHER, isOver: true }] : NOTHING;
    case 'Group':
    case 'CapturingGroup':
      return element.alternatives.flatMap(({ elements }) => waysThrough(elements) ?? OVER);
    case 'Quantifier': {
      if (element.max !== 1) return OVER;
      const once = waysOf(element.element);
      return element.min === 0 ? [...NOTHING, ...once] : once;
    }
    default:
      return OVER;
  }
}
