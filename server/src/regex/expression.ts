/**
 * A regular expression as the analysis reads it: what regexpp parses, reduced to what decides about matching.
 */
import { RegExpParser, type AST } from '@eslint-community/regexpp';
import {
  charSet,
  complement,
  contains,
  DIGITS,
  EVERYTHING,
  inBothCases,
  intersection,
  LINE_ENDS,
  NOTHING,
  SPACES,
  union,
  WORD,
  type CharSet,
} from './charSet';

export type Expression =
  /** One character of a set. */
  | { readonly kind: 'character'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly items: readonly Expression[] }
  | {
      readonly kind: 'repetition';
      readonly body: Expression;
      readonly min: number;
      readonly max: number;
      readonly isGreedy: boolean;
    }
  /** A capturing group; its number. */
  | { readonly kind: 'group'; readonly body: Expression; readonly number: number }
  | { readonly kind: 'look'; readonly body: Expression; readonly isBehind: boolean; readonly isNegated: boolean }
  | { readonly kind: 'assertion'; readonly at: 'start' | 'end' | 'word' | 'notWord' }
  /** What one of these groups matched. */
  | { readonly kind: 'reference'; readonly groups: readonly number[] };

export interface Flags {
  readonly ignoresCase: boolean;
  readonly isMultiline: boolean;
  readonly isGlobal: boolean;
  readonly isSticky: boolean;
  readonly isUnicode: boolean;
}

export interface ParsedExpression {
  readonly body: Expression;
  readonly flags: Flags;
  readonly groupCount: number;
}

const parser = new RegExpParser({ ecmaVersion: 2025 });

/** Undefined for what is not a regular expression. */
export function parseExpression(source: string, flags: string): ParsedExpression | undefined {
  let pattern: AST.Pattern;
  const isSets = flags.includes('v');
  const isUnicode = isSets || flags.includes('u');
  try {
    pattern = parser.parsePattern(source, 0, source.length, {
      unicode: isUnicode && !isSets,
      unicodeSets: isSets,
    });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const converter = new Converter(pattern, flags.includes('i'), flags.includes('s'));
  return {
    body: converter.alternatives(pattern.alternatives),
    flags: {
      ignoresCase: flags.includes('i'),
      isMultiline: flags.includes('m'),
      isGlobal: flags.includes('g'),
      isSticky: flags.includes('y'),
      isUnicode,
    },
    groupCount: converter.groups.length,
  };
}

class Converter {
  readonly groups: AST.CapturingGroup[] = [];

  constructor(
    pattern: AST.Pattern,
    private readonly ignoresCase: boolean,
    private readonly matchesAll: boolean,
  ) {
    this.number(pattern.alternatives);
  }

  alternatives(list: readonly AST.Alternative[]): Expression {
    const items = list.map((alternative): Expression => {
      const elements = alternative.elements.map((element) => this.element(element));
      return elements.length === 1 ? elements[0] : { kind: 'sequence', items: elements };
    });
    return items.length === 1 ? items[0] : { kind: 'choice', items };
  }

  /** Groups have numbers in the order of their opening brackets. */
  private number(alternatives: readonly AST.Alternative[]): void {
    for (const { elements } of alternatives) for (const element of elements) this.numberIn(element);
  }

  private numberIn(element: AST.Element): void {
    switch (element.type) {
      case 'CapturingGroup':
        this.groups.push(element);
        this.number(element.alternatives);
        break;
      case 'Group':
        this.number(element.alternatives);
        break;
      case 'Assertion':
        if (element.kind === 'lookahead' || element.kind === 'lookbehind') this.number(element.alternatives);
        break;
      case 'Quantifier':
        this.numberIn(element.element);
        break;
      default:
        break;
    }
  }

  private element(element: AST.Element): Expression {
    switch (element.type) {
      case 'Character':
        return this.character([element.value, element.value]);
      case 'CharacterSet':
        return this.character(this.setOf(element));
      case 'CharacterClass':
        return { kind: 'character', set: this.classOf(element) };
      case 'ExpressionCharacterClass': {
        const set = this.operand(element.expression);
        return { kind: 'character', set: element.negate ? complement(set) : set };
      }
      case 'Group':
        return this.alternatives(element.alternatives);
      case 'CapturingGroup':
        return {
          kind: 'group',
          body: this.alternatives(element.alternatives),
          number: this.groups.indexOf(element),
        };
      case 'Quantifier':
        return {
          kind: 'repetition',
          body: this.element(element.element),
          min: element.min,
          max: element.max,
          isGreedy: element.greedy,
        };
      case 'Assertion':
        return this.assertion(element);
      case 'Backreference': {
        const { resolved } = element;
        const groups: readonly AST.CapturingGroup[] = Array.isArray(resolved) ? resolved : [resolved];
        return { kind: 'reference', groups: groups.map((group) => this.groups.indexOf(group)) };
      }
    }
  }

  private assertion(assertion: AST.Assertion): Expression {
    switch (assertion.kind) {
      case 'start':
      case 'end':
        return { kind: 'assertion', at: assertion.kind };
      case 'word':
        return { kind: 'assertion', at: assertion.negate ? 'notWord' : 'word' };
      case 'lookahead':
      case 'lookbehind':
        return {
          kind: 'look',
          body: this.alternatives(assertion.alternatives),
          isBehind: assertion.kind === 'lookbehind',
          isNegated: assertion.negate,
        };
    }
  }

  private character(set: CharSet): Expression {
    return { kind: 'character', set: this.ignoresCase ? inBothCases(set) : set };
  }

  private setOf(set: AST.CharacterSet): CharSet {
    switch (set.kind) {
      case 'any':
        return this.matchesAll ? EVERYTHING : complement(LINE_ENDS);
      case 'digit':
        return set.negate ? complement(DIGITS) : DIGITS;
      case 'space':
        return set.negate ? complement(SPACES) : SPACES;
      case 'word':
        return set.negate ? complement(WORD) : WORD;
      case 'property': {
        const found = propertySet(set.value === null ? set.key : `${set.key}=${set.value}`, set.strings);
        return set.negate ? complement(found) : found;
      }
    }
  }

  private classOf({ elements, negate }: AST.CharacterClass): CharSet {
    let set = union(...elements.map((element) => this.operand(element)));
    if (this.ignoresCase) set = inBothCases(set);
    return negate ? complement(set) : set;
  }

  /** What stands in a class. Texts of several characters (`v` flag) are left out. */
  private operand(
    element: AST.CharacterClassElement | AST.ExpressionCharacterClass['expression'] | AST.ClassSetOperand,
  ): CharSet {
    switch (element.type) {
      case 'Character':
        return [element.value, element.value];
      case 'CharacterClassRange':
        return charSet([[element.min.value, element.max.value]]);
      case 'CharacterSet':
        return this.setOf(element);
      case 'CharacterClass':
        return this.classOf(element);
      case 'ExpressionCharacterClass': {
        const set = this.operand(element.expression);
        return element.negate ? complement(set) : set;
      }
      case 'ClassIntersection':
        return intersection(this.operand(element.left), this.operand(element.right));
      case 'ClassSubtraction':
        return intersection(this.operand(element.left), complement(this.operand(element.right)));
      case 'ClassStringDisjunction':
        return NOTHING;
    }
  }
}

/** Unicode properties are looked up for the scripts most texts are written in; beyond them nothing is in the set. */
const PROPERTY_LIMIT = 0x600;
const properties = new Map<string, CharSet>();

function propertySet(name: string, isOfTexts: boolean): CharSet {
  let set = properties.get(name);
  if (set === undefined) {
    const test = new RegExp(`\\p{${name}}`, isOfTexts ? 'v' : 'u');
    const intervals: [number, number][] = [];
    for (let c = 0; c < PROPERTY_LIMIT; c++) if (test.test(String.fromCodePoint(c))) intervals.push([c, c]);
    properties.set(name, (set = charSet(intervals)));
  }
  return set;
}

const isWordCharacter = (character: number): boolean => contains(WORD, character);
/** `\b` holds between a word character and something else. */
export const isWordBoundary = (before: number, after: number): boolean =>
  isWordCharacter(before) !== isWordCharacter(after);
