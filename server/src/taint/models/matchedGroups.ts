/**
 * What the groups of a regular expression hold where it matched: each only what its part of the expression lets through, wherever in the
 * text that stood. So `/^\/img\/(\w+)$/` gives a name, though what was matched is a path.
 */
import { RegExpParser, visitRegExpAST, type AST } from '@eslint-community/regexpp';

/** A part of an expression: the match as a whole, or what a group of it captured. */
export interface MatchedPart {
  /** The name of a group that has one. */
  readonly name: string | undefined;
  /** An expression that a text has to match as a whole to be what the part holds; undefined when nothing can be said of it alone. */
  readonly pattern: string | undefined;
  /** How long what it holds can be, at most. */
  readonly longest: number;
}

export interface MatchedParts {
  /** The match as a whole first, then the groups by number. */
  readonly parts: readonly MatchedPart[];
  /** All matches are looked for. */
  readonly isGlobal: boolean;
}

/** Reads a literal such as `/(\d+)-(\w+)/`; undefined when it is none. */
export function matchedParts(literal: string): MatchedParts | undefined {
  const end = literal.lastIndexOf('/');
  if (!literal.startsWith('/') || end <= 0) return undefined;
  let parsed: AST.RegExpLiteral;
  try {
    parsed = new RegExpParser({ ecmaVersion: 2025 }).parseLiteral(literal);
  } catch (error) {
    // Text that the engine can't read either says nothing.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const flags = parsed.flags.raw.replace(/[gymd]/g, '');
  const asWhole = (source: string): string => `/^(?:${source})$/${flags}`;
  const { pattern } = parsed;
  const parts: MatchedPart[] = [
    {
      name: undefined,
      pattern: isAlone(pattern.alternatives, true) ? asWhole(pattern.raw) : undefined,
      longest: longestOf(pattern.alternatives),
    },
  ];
  visitRegExpAST(pattern, {
    onCapturingGroupEnter({ name, alternatives, raw }) {
      const source = raw.slice(name === null ? 1 : `(?<${name}>`.length, -1);
      parts.push({
        name: name ?? undefined,
        pattern: isAlone(alternatives, false) ? asWhole(source) : undefined,
        longest: longestOf(alternatives),
      });
    },
  });
  return { parts, isGlobal: parsed.flags.global };
}

/**
 * True for what takes the same texts wherever it stands: it looks at nothing around it, and holds nothing that another part captured.
 * `withEnds`: anchors at its ends say nothing more than that it is all there is.
 */
function isAlone(alternatives: readonly AST.Alternative[], withEnds: boolean): boolean {
  return alternatives.every(({ elements }) =>
    elements.every((element, i) => {
      switch (element.type) {
        case 'Assertion':
          return (
            withEnds && ((element.kind === 'start' && i === 0) || (element.kind === 'end' && i === elements.length - 1))
          );
        case 'Backreference':
          return false;
        case 'Group':
        case 'CapturingGroup':
          return isAlone(element.alternatives, false);
        case 'Quantifier':
          return (
            (element.element.type !== 'Group' && element.element.type !== 'CapturingGroup') ||
            isAlone(element.element.alternatives, false)
          );
        default:
          return true;
      }
    }),
  );
}

function longestOf(alternatives: readonly AST.Alternative[]): number {
  return Math.max(0, ...alternatives.map(({ elements }) => elements.reduce((sum, next) => sum + lengthOf(next), 0)));
}

function lengthOf(element: AST.Element): number {
  switch (element.type) {
    case 'Assertion':
      return 0;
    case 'Backreference':
      return Infinity;
    case 'Group':
    case 'CapturingGroup':
      return longestOf(element.alternatives);
    case 'Quantifier': {
      const once = element.max === 0 ? 0 : lengthOf(element.element);
      return once === 0 ? 0 : element.max * once;
    }
    default:
      // A character may take two places, and one of these sets a sequence of them.
      return element.type === 'ExpressionCharacterClass' ? Infinity : 2;
  }
}
